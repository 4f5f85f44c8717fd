//! What the rounds of one way down were like, and its rows of the tables.

use std::time::Duration;

use super::way::Rollback;

/// What one rollback was like, by the venue's books and its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// From the command to the executor's last order; 0 where none came after it.
    pub last_order_ms: u64,
    /// Orders of the executor that came after the command.
    pub orders: u64,
    /// From the command until diagnostics says that LIVE is gone and everybody is ready.
    pub in_force_ms: u64,
    /// Longest time that a position was without its stop.
    pub lost_ms: u64,
    /// Stops that were canceled with no tighter one in their place.
    pub canceled: u64,
    /// From the command for it until the bus's policy `shadow` was proven.
    pub shadow_ms: u64,
    /// And `live`, on the way up again.
    pub live_ms: u64,
}

/// The row of the way down, and those of the bus's policy.
pub fn rows(rollback: Rollback, rounds: &[Round]) -> String {
    let worst = |value: fn(&Round) -> u64| rounds.iter().map(value).max().unwrap_or(0);
    let (command, state, count) = (rollback.command(), rollback.state(), rounds.len());
    let last = spread(rounds, |it| it.last_order_ms);
    let force = spread(rounds, |it| it.in_force_ms);
    let (orders, lost) = (worst(|it| it.orders), worst(|it| it.lost_ms));
    let canceled = worst(|it| it.canceled);
    let down = format!(
        "| {rollback:?} | `{command}` | {state} | {count} | {last} | {orders} | {force} | {lost} \
         | {canceled} |\n"
    );
    let live = spread(rounds, |it| it.live_ms);
    let up = "exitctl bus apply --policy live";
    let live = format!("| `live` | before {rollback:?} | `{up}` | {count} | {live} |\n");
    let shadow = spread(rounds, |it| it.shadow_ms);
    let below = rollback.policy_command();
    let shadow = format!("| `shadow` | after {rollback:?} | `{below}` | {count} | {shadow} |\n");
    [down, live, shadow].concat()
}

/// Half of the rounds, 99 of a hundred, and all of them do not exceed this.
fn spread(rounds: &[Round], value: fn(&Round) -> u64) -> String {
    let mut values: Vec<u64> = rounds.iter().map(value).collect();
    values.sort_unstable();
    let max = values.last().copied().unwrap_or_default();
    let (half, most) = (percentile(&values, 50), percentile(&values, 99));
    format!("{half} | {most} | {max}")
}

/// The value that so many of a hundred do not exceed, of values in order.
fn percentile(values: &[u64], of_100: usize) -> u64 {
    let rank = (values.len() * of_100).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// Whole milliseconds.
pub fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!(percentile(&values, 50), 100);
        assert_eq!(percentile(&values, 99), 198);
        assert_eq!((percentile(&[7], 99), percentile(&[], 99)), (7, 0));
    }

    #[test]
    fn a_way_down_has_a_row_and_each_policy_one() {
        let round = Round {
            last_order_ms: 1,
            orders: 2,
            in_force_ms: 3,
            lost_ms: 0,
            canceled: 0,
            shadow_ms: 4,
            live_ms: 5,
        };
        let rows = rows(Rollback::Kill, &[round, round]);
        let rows: Vec<_> = rows.lines().collect();
        let command = "exitctl kill --to shadow --bus-config nats.conf";
        assert!(rows[0].starts_with(&format!("| Kill | `{command}` |")));
        assert!(rows[0].ends_with("| 2 | 1 | 1 | 1 | 2 | 3 | 3 | 3 | 0 | 0 |"));
        assert!(rows[1].starts_with("| `live` | before Kill |") && rows[1].ends_with("| 5 |"));
        assert!(rows[2].starts_with("| `shadow` | after Kill |") && rows[2].ends_with("| 4 |"));
    }
}
