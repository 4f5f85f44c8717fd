//! The one style sheet. The charts' colours are rules too, so that they change in the dark.

use super::paint::{GRID, INK, PALETTE};

const SHEET: &str = "
:root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;--stripe:#f6f8fa;
--good:#116329;--good-bg:#dafbe1;--bad:#a40e26;--bad-bg:#ffebe9;--unsure:#7d4e00;
--unsure-bg:#fff8c5;--grid:#e4e8ec}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--paper:#0d1117;
--line:#3d444d;--stripe:#151b23;--good:#7ee2a0;--good-bg:#0f2e1c;--bad:#ff9c94;--bad-bg:#3a1517;
--unsure:#f0c660;--unsure-bg:#332701;--grid:#262c36}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:24px 20px 64px;background:var(--paper);
color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:40px 0 12px;padding-top:12px;border-top:1px solid var(--line)}
.about{color:var(--soft);margin:0 0 16px}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:16px 0}
a{color:inherit}
.verdict{border:1px solid var(--line);border-left-width:6px;border-radius:6px;
padding:10px 14px;margin:10px 0;background:var(--stripe)}
.verdict.good{border-color:var(--good);background:var(--good-bg)}
.verdict.bad{border-color:var(--bad);background:var(--bad-bg)}
.verdict.unsure{border-color:var(--unsure);background:var(--unsure-bg)}
.good>strong,td.good{color:var(--good)}
.bad>strong,td.bad{color:var(--bad)}
.unsure>strong,td.unsure{color:var(--unsure)}
.scroll{overflow-x:auto;margin:14px 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px}
caption{text-align:left;color:var(--soft);padding:0 0 6px;white-space:nowrap}
th,td{padding:4px 8px;text-align:left;white-space:nowrap;vertical-align:top}
th:first-child,td:first-child{padding-left:6px}
th.right,td.right{text-align:right}
thead th{border-bottom:2px solid var(--line);color:var(--soft);font-weight:600}
tbody tr:nth-child(even){background:var(--stripe)}
figure{margin:20px 0}
figcaption{font-weight:600;margin-bottom:4px}
.key{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:0 0 4px;padding:0;
font-size:13px;color:var(--soft)}
.swatch{display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:6px;
vertical-align:middle}
.empty{color:var(--soft)}
svg{display:block;max-width:100%;height:auto}
svg text{font-family:inherit}
@media print{body{max-width:none}nav{display:none}}
";

/// The whole style sheet.
pub fn sheet() -> String {
    let mut sheet = SHEET.to_string();
    let mut rule = |color: (u8, u8, u8), light: &str| {
        let (red, green, blue) = color;
        let drawn = format!("#{red:02X}{green:02X}{blue:02X}");
        for property in ["stroke", "fill"] {
            sheet += &format!("svg [{property}=\"{drawn}\"]{{{property}:{light}}}\n");
        }
    };
    rule(INK, "var(--ink)");
    rule(GRID, "var(--grid)");
    for (number, color) in PALETTE.iter().enumerate() {
        rule(color.on_light, &format!("var(--series-{number})"));
    }
    let colors = |dark: bool| -> String {
        let pick = |(number, color): (usize, &super::paint::Hue)| {
            let (red, green, blue) = if dark { color.on_dark } else { color.on_light };
            format!("--series-{number}:#{red:02x}{green:02x}{blue:02x};")
        };
        PALETTE.iter().enumerate().map(pick).collect()
    };
    sheet += &format!(":root{{{}}}\n", colors(false));
    let dark = colors(true);
    sheet += &format!("@media(prefers-color-scheme:dark){{:root{{{dark}}}}}\n");
    sheet
}
