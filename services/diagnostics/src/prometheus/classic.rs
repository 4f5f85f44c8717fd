//! The same page in Prometheus's older text format, for whoever does not ask for OpenMetrics:
//! there a counter's family is named as its samples are, and there are no units and no infos.

/// The page in the text format, version 0.0.4.
#[must_use]
pub fn classic(open_metrics: &str) -> String {
    let mut page = String::with_capacity(open_metrics.len());
    let mut help = "";
    for line in open_metrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(_), Some(text)) => help = text,
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let (suffix, kind) = match kind {
                    "counter" => ("_total", kind),
                    "info" => ("_info", "gauge"),
                    _ => ("", kind),
                };
                page += &format!("# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}\n");
            }
            (Some("#"), ..) => {}
            _ => {
                page += line;
                page.push('\n');
            }
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_named_as_their_samples_are() {
        let open_metrics = [
            "# HELP a_b Some things.",
            "# TYPE a_b counter",
            "a_b_total{c=\"d # e\"} 1",
            "# HELP f_seconds Long.",
            "# TYPE f_seconds gauge",
            "# UNIT f_seconds seconds",
            "f_seconds 0.5",
            "# HELP g What.",
            "# TYPE g info",
            "g_info{h=\"i\"} 1",
            "# EOF",
        ];
        let expected = [
            "# HELP a_b_total Some things.",
            "# TYPE a_b_total counter",
            "a_b_total{c=\"d # e\"} 1",
            "# HELP f_seconds Long.",
            "# TYPE f_seconds gauge",
            "f_seconds 0.5",
            "# HELP g_info What.",
            "# TYPE g_info gauge",
            "g_info{h=\"i\"} 1",
        ];
        let page = classic(&open_metrics.join("\n"));
        assert_eq!(page.lines().collect::<Vec<_>>(), expected);
    }
}
