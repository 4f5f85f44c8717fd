//! Moments as people and other programs read them: RFC 3339, UTC, milliseconds.

use domain::Timestamp;

const MILLIS_A_DAY: i64 = 86_400_000;
/// Days of a Gregorian cycle of 400 years.
const DAYS_A_CYCLE: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

/// `2025-12-10T22:14:55.123Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    let millis = at.millis();
    let (year, month, day) = date(millis.div_euclid(MILLIS_A_DAY));
    let of_day = millis.rem_euclid(MILLIS_A_DAY);
    let (seconds, fraction) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; `month` is 1..=12. The inverse of what
/// [`rfc3339`] writes.
#[must_use]
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let of_cycle = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let days = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year;
    cycle * DAYS_A_CYCLE + days - DAYS_TO_EPOCH
}

/// Year, month and day of a day counted from 1970-01-01. Years begin in March here, so that the
/// leap day is the last one; 153 days are five months.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_EPOCH;
    let cycle = days.div_euclid(DAYS_A_CYCLE);
    let of_cycle = days.rem_euclid(DAYS_A_CYCLE);
    let leap_days = of_cycle / 1_460 - of_cycle / 36_524 + of_cycle / 146_096;
    let year = (of_cycle - leap_days) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + 400 * cycle + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_written_as_known() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_765_404_895, "2025-12-10T22:14:55.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(rfc3339(Timestamp::from_millis(seconds * 1_000)), expected);
        }
        let fraction = Timestamp::from_micros(1_765_404_895_123_999);
        assert_eq!(rfc3339(fraction), "2025-12-10T22:14:55.123Z");
    }

    #[test]
    fn a_date_is_counted_back_to_its_day() {
        for day in -150_000..150_000 {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn days_follow_each_other_without_gap() {
        let mut before = String::new();
        for day in 0..150_000 {
            let text = rfc3339(Timestamp::from_millis(day * MILLIS_A_DAY));
            assert!(text > before, "{text} after {before}");
            before = text;
        }
    }
}
