//! Moments as people write them: a date, a date and a time in UTC, or milliseconds since 1970.

use domain::Timestamp;
use proto::moment::days;

const DAY_MS: i64 = 86_400_000;
/// Digits of a plain number of milliseconds: below this it is a year.
const MILLIS_DIGITS_MIN: usize = 10;

/// Reads `2025-05-04`, `2025-05-04T12:00`, `2025-05-04T12:00:30Z` or `1746316800000`.
///
/// # Errors
/// Words that say what was expected.
pub fn read(text: &str) -> Result<Timestamp, String> {
    let wrong = || {
        format!(
            "{text:?} is no moment: write 2025-05-04, 2025-05-04T12:00:00Z or milliseconds \
             since 1970"
        )
    };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && text.len() >= MILLIS_DIGITS_MIN {
        return text
            .parse()
            .map(Timestamp::from_millis)
            .map_err(|_| wrong());
    }
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let days = day(date).ok_or_else(wrong)?;
    let of_day = of_day(time).ok_or_else(wrong)?;
    Ok(Timestamp::from_millis(days * DAY_MS + of_day))
}

/// The day of a date, counted from 1970-01-01.
fn day(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let mut part = || parts.next()?.parse::<i64>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let is_date = (1970..=9_999).contains(&year) && (1..=12).contains(&month);
    if !is_date || !(1..=31).contains(&day) || parts.next().is_some() {
        return None;
    }
    Some(days(year, month, day))
}

fn of_day(time: &str) -> Option<i64> {
    let mut parts = time.trim_end_matches('Z').split(':');
    let hour: i64 = parts.next()?.parse().ok()?;
    let minute: i64 = parts.next()?.parse().ok()?;
    let second: i64 = parts.next().unwrap_or("0").parse().ok()?;
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    (is_time && parts.next().is_none()).then_some(((hour * 60 + minute) * 60 + second) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::moment::rfc3339;

    #[test]
    fn what_is_written_is_read_back() {
        for day in (0..40_000).step_by(7) {
            let at = Timestamp::from_millis(day * DAY_MS + 12_345_000);
            let text = rfc3339(at).replace(".000Z", "Z");
            assert_eq!(read(&text), Ok(at), "{text}");
        }
        assert_eq!(
            read("1746316800000"),
            Ok(Timestamp::from_millis(1_746_316_800_000))
        );
        assert_eq!(read("2025-05-04"), read("2025-05-04T00:00:00Z"));
        assert_eq!(read("2025-05-04 06:30"), read("2025-05-04T06:30:00Z"));
    }

    #[test]
    fn anything_else_is_refused_in_words() {
        for text in [
            "",
            "2025",
            "2025-13-01",
            "2025-05-04T25:00",
            "may",
            "2025-05-04T1:2:3:4",
        ] {
            assert!(read(text).unwrap_err().contains("2025-05-04"), "{text}");
        }
    }
}
