//! Colours of series, and the size of a drawing.

use plotters::style::{IntoFont, RGBColor, TextStyle};

/// Width of every drawing in its own units; the page scales it.
pub const WIDTH: u32 = 1_040;
/// Height of a drawing with two axes.
pub const HEIGHT: u32 = 340;

/// Text and axes; the style sheet replaces it by the page's ink.
pub const INK: (u8, u8, u8) = (1, 2, 3);
/// The lines behind.
pub const GRID: (u8, u8, u8) = (228, 232, 236);

/// A series' colour on light and on dark paper.
pub struct Hue {
    pub on_light: (u8, u8, u8),
    pub on_dark: (u8, u8, u8),
}

/// Colours that can be told apart with any kind of sight (Okabe and Ito, 2008), darkened or
/// lightened until they can be read on their paper; the last one is for whatever is not named.
pub const PALETTE: [Hue; 8] = [
    hue((0, 104, 168), (86, 170, 240)),
    hue((200, 80, 0), (255, 140, 66)),
    hue((0, 130, 95), (50, 200, 150)),
    hue((176, 84, 138), (226, 140, 190)),
    hue((150, 110, 0), (230, 180, 60)),
    hue((60, 150, 200), (150, 215, 250)),
    hue((80, 60, 160), (170, 155, 255)),
    hue((150, 156, 164), (100, 108, 118)),
];

/// How many series have a colour of their own; the rest shares the last.
pub const NAMED_MAX: usize = PALETTE.len() - 1;

const fn hue(on_light: (u8, u8, u8), on_dark: (u8, u8, u8)) -> Hue {
    Hue { on_light, on_dark }
}

/// An entry of a chart's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    pub number: usize,
}

impl Key {
    pub fn style(&self) -> String {
        format!("background:var(--series-{})", self.number)
    }
}

/// The key to series of these names: those with a colour by name, the rest by their count.
pub fn key<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Key> {
    let names: Vec<&str> = names.collect();
    let mut key: Vec<Key> = names
        .iter()
        .take(NAMED_MAX)
        .enumerate()
        .map(|(number, name)| Key {
            name: (*name).to_string(),
            number,
        })
        .collect();
    if let Some(more) = names.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
        key.push(Key {
            name: format!("{more} more"),
            number: NAMED_MAX,
        });
    }
    key
}

/// The colour of the series with this number.
pub fn series(number: usize) -> RGBColor {
    let (red, green, blue) = PALETTE[number.min(NAMED_MAX)].on_light;
    RGBColor(red, green, blue)
}

/// Letters of axes; the library draws them a fifth smaller than it is told.
pub fn text() -> TextStyle<'static> {
    ("sans-serif", 16).into_font().color(&ink())
}

pub const fn ink() -> RGBColor {
    RGBColor(INK.0, INK.1, INK.2)
}

pub const fn grid() -> RGBColor {
    RGBColor(GRID.0, GRID.1, GRID.2)
}
