//! A moment in a line: ISO-8601, UTC, microseconds.

use domain::Timestamp;
use proto::moment::{days, rfc3339};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// Length of `2025-12-10`.
const DAY_LEN: usize = 10;

/// A moment that is written like `2025-12-10T22:34:50.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub Timestamp);

impl Moment {
    /// The moment itself.
    #[must_use]
    pub const fn get(self) -> Timestamp {
        self.0
    }

    /// As it is written.
    #[must_use]
    pub fn text(self) -> String {
        let micros = self.0.micros().rem_euclid(1_000);
        let millis = rfc3339(self.0);
        format!("{}{micros:03}Z", millis.trim_end_matches('Z'))
    }

    /// Its day in UTC, like `2025-12-10`.
    #[must_use]
    pub fn day(self) -> String {
        rfc3339(self.0).chars().take(DAY_LEN).collect()
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction]` with `Z`, `+00:00` or nothing behind it: all UTC.
    /// Digits beyond microseconds are dropped. None for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let text = text.strip_suffix("+00:00").unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let (date, time) = whole.split_once('T')?;
        let [year, month, day] = fields(date, '-')?;
        let [hour, minute, second] = fields(time, ':')?;
        let is_valid = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..=60).contains(&second);
        if !is_valid || fraction.is_empty() || !fraction.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
        let micros: i64 = micros.parse().ok()?;
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        Some(Self(Timestamp::from_micros(seconds * 1_000_000 + micros)))
    }
}

/// Three unsigned numbers of at most four digits.
fn fields(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format_args!(
                "{text:?} is no time; write it like 2025-12-10T22:34:50.123Z"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for micros in [
            0,
            1,
            951_782_400_000_000,
            1_765_404_895_123_456,
            4_107_542_399_999_999,
        ] {
            let moment = Moment(Timestamp::from_micros(micros));
            assert_eq!(
                Moment::parse(&moment.text()),
                Some(moment),
                "{}",
                moment.text()
            );
        }
        let moment = Moment(Timestamp::from_micros(1_765_404_895_123_456));
        assert_eq!(moment.text(), "2025-12-10T22:14:55.123456Z");
        assert_eq!(moment.day(), "2025-12-10");
    }

    #[test]
    fn days_follow_each_other() {
        for day in (0..80_000).step_by(7) {
            let moment = Moment(Timestamp::from_millis(day * 86_400_000));
            assert_eq!(Moment::parse(&moment.text()), Some(moment));
        }
    }

    #[test]
    fn times_of_other_writers_are_read_as_utc() {
        let expected = Some(Moment(Timestamp::from_micros(1_765_404_895_000_000)));
        for text in [
            "2025-12-10T22:14:55",
            "2025-12-10T22:14:55Z",
            "2025-12-10T22:14:55.000000+00:00",
            "2025-12-10T22:14:55.0000001Z",
        ] {
            assert_eq!(Moment::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in [
            "",
            "yesterday",
            "2025-12-10",
            "2025-13-10T00:00:00Z",
            "2025-12-10T1:2",
            "T",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
