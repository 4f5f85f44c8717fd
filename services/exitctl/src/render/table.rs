//! Columns that line up.

/// `rows` below `head`, each column as wide as its widest cell, two blanks apart.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut lines = vec![line(&widths, head.iter().copied())];
    for row in rows {
        lines.push(line(&widths, row.iter().map(String::as_str)));
    }
    lines.join("\n")
}

fn line<'a>(widths: &[usize], cells: impl Iterator<Item = &'a str>) -> String {
    let padded = widths.iter().zip(cells);
    let padded: Vec<String> = padded
        .map(|(width, cell)| format!("{cell:<width$}"))
        .collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["a".to_owned(), "1".to_owned()],
            ["long".to_owned(), "2".to_owned()],
        ];
        assert_eq!(table(["N", "V"], &rows), "N     V\na     1\nlong  2");
    }
}
