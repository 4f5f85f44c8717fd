//! Statistics: paired interval, bootstrap, proportions.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics over many positions; no money is computed here"
)]

use serde::Serialize;

/// Two-sided 95 % quantiles of Student's t by degrees of freedom; between two rows the smaller
/// number of degrees counts, which is the wider interval. Source: any table of the distribution, as
/// in the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
const STUDENT_95: [(usize, f64); 34] = [
    (1, 12.706),
    (2, 4.303),
    (3, 3.182),
    (4, 2.776),
    (5, 2.571),
    (6, 2.447),
    (7, 2.365),
    (8, 2.306),
    (9, 2.262),
    (10, 2.228),
    (11, 2.201),
    (12, 2.179),
    (13, 2.160),
    (14, 2.145),
    (15, 2.131),
    (16, 2.120),
    (17, 2.110),
    (18, 2.101),
    (19, 2.093),
    (20, 2.086),
    (21, 2.080),
    (22, 2.074),
    (23, 2.069),
    (24, 2.064),
    (25, 2.060),
    (26, 2.056),
    (27, 2.052),
    (28, 2.048),
    (29, 2.045),
    (30, 2.042),
    (40, 2.021),
    (60, 2.000),
    (120, 1.980),
    (100_000, 1.960),
];
/// Two-sided 95 % quantile of the normal distribution.
const NORMAL_95: f64 = 1.959_964;
/// Resamples of the bootstrap.
const RESAMPLES: usize = 10_000;
/// Seed of the bootstrap: the same records have the same report.
const SEED: u64 = 0x5EED;

/// Bounds of a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// The mean of paired differences, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paired {
    /// Pairs.
    pub count: usize,
    /// Mean of the differences.
    pub mean: f64,
    /// Their standard deviation (of a sample).
    pub deviation: f64,
    /// Mean over its standard error; none where all are equal.
    pub t: Option<f64>,
    /// By Student's t: mean -+ t x s / sqrt(n).
    pub student: Interval,
    /// Percentiles of the means of resamples.
    pub bootstrap: Interval,
}

/// Of two or more differences.
#[must_use]
pub fn paired(differences: &[f64]) -> Option<Paired> {
    let count = differences.len();
    if count < 2 {
        return None;
    }
    let (mean, deviation) = mean_and_deviation(differences);
    let error = deviation / (count as f64).sqrt();
    let reach = student_95(count - 1) * error;
    Some(Paired {
        count,
        mean,
        deviation,
        t: (error > 0.0).then(|| mean / error),
        student: Interval {
            low: mean - reach,
            high: mean + reach,
        },
        bootstrap: bootstrap(differences),
    })
}

/// Mean and standard deviation of a sample; zero deviation for less than two values.
#[must_use]
pub fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let squares: f64 = values.iter().map(|it| (it - mean) * (it - mean)).sum();
    (mean, (squares / (count - 1.0)).sqrt())
}

fn student_95(degrees: usize) -> f64 {
    let rows = STUDENT_95.iter().rev();
    let row = rows.into_iter().find(|(known, _)| *known <= degrees);
    row.map_or(f64::INFINITY, |row| row.1)
}

/// The percentile bootstrap (Efron 1979): the middle 95 % of the means of resamples.
fn bootstrap(values: &[f64]) -> Interval {
    let mut random = Random(SEED);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..values.len()).map(|_| values[random.below(values.len())]);
            drawn.sum::<f64>() / values.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let cut = RESAMPLES / 40;
    Interval {
        low: means[cut],
        high: means[RESAMPLES - 1 - cut],
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): enough for drawing indices.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }

    /// An index below `count`, by the upper half of a product (Lemire 2019).
    fn below(&mut self, count: usize) -> usize {
        let product = u128::from(self.next()) * count as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }
}

/// Wilson's interval (1927) of a share of `count`.
#[must_use]
pub fn wilson(hits: u64, count: u64) -> Interval {
    if count == 0 {
        return Interval {
            low: 0.0,
            high: 1.0,
        };
    }
    let (n, z2) = (count as f64, NORMAL_95 * NORMAL_95);
    let share = hits as f64 / n;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let spread = share * (1.0 - share) / n + z2 / (4.0 * n * n);
    let reach = NORMAL_95 * spread.sqrt() / (1.0 + z2 / n);
    Interval {
        low: (middle - reach).max(0.0),
        high: (middle + reach).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-3
    }

    /// 1, 2, 3, 4, 5: mean 3, s = sqrt(2.5) = 1.5811, error 0.70711, t(4) = 2.776.
    #[test]
    fn the_paired_interval_is_the_one_by_hand() {
        let it = paired(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("five");
        assert!(near(it.mean, 3.0) && near(it.deviation, 1.5811), "{it:?}");
        assert!(
            near(it.student.low, 3.0 - 1.9629) && near(it.student.high, 4.9629),
            "{it:?}"
        );
        assert!(near(it.t.expect("they differ"), 4.2426), "{it:?}");
    }

    #[test]
    fn the_bootstrap_is_the_same_each_time_and_about_as_wide() {
        let values: Vec<f64> = (0..100).map(|it| f64::from(it % 10)).collect();
        let (one, two) = (bootstrap(&values), bootstrap(&values));
        assert_eq!(one, two);
        // Mean 4.5, s = 2.887, error 0.2887: -+ 0.566 by the normal distribution.
        assert!(
            (one.low - 3.93).abs() < 0.06 && (one.high - 5.07).abs() < 0.06,
            "{one:?}"
        );
    }

    #[test]
    fn equal_differences_have_no_spread_and_one_has_no_interval() {
        let it = paired(&[2.0; 10]).expect("ten");
        assert_eq!((it.student.low, it.student.high, it.t), (2.0, 2.0, None));
        assert_eq!(paired(&[1.0]), None);
        assert_eq!(paired(&[]), None);
    }

    #[test]
    fn between_two_rows_the_wider_interval_counts() {
        for (degrees, expected) in [
            (1, 12.706),
            (30, 2.042),
            (39, 2.042),
            (40, 2.021),
            (500, 1.98),
        ] {
            assert!(near(student_95(degrees), expected), "{degrees}");
        }
    }

    /// 8 of 10: 0.4902 to 0.9433 in the literature.
    #[test]
    fn wilson_is_the_known_one() {
        let it = wilson(8, 10);
        assert!(near(it.low, 0.4902) && near(it.high, 0.9433), "{it:?}");
    }
}
