//! A page of metrics, read back: families with their type, help and samples.

use std::collections::BTreeMap;

/// A family of metrics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Family {
    /// `counter`, `gauge`, `histogram`.
    pub kind: String,
    /// What it says that it is.
    pub help: String,
    /// Name, labels and value of each sample.
    pub samples: Vec<(String, BTreeMap<String, String>, String)>,
}

impl Family {
    /// Every name that a query may ask for.
    #[must_use]
    pub fn names(&self, name: &str) -> Vec<String> {
        match self.kind.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"]
                .map(|suffix| format!("{name}{suffix}"))
                .into(),
            _ => vec![name.to_owned()],
        }
    }
}

/// The families of a page in the text format 0.0.4, by name; or what is wrong with it.
///
/// # Errors
/// The first line that can't be read.
pub fn families(page: &str) -> Result<BTreeMap<String, Family>, String> {
    let mut families = BTreeMap::<String, Family>::new();
    let mut current = String::new();
    for line in page.lines() {
        let wrong = || format!("{line:?} can't be read");
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').ok_or_else(wrong)?;
            let family = Family {
                help: help.into(),
                ..Family::default()
            };
            if families.insert(name.to_owned(), family).is_some() {
                return Err(format!("{name} is told twice"));
            }
            current = name.into();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').ok_or_else(wrong)?;
            let family = families.get_mut(name).ok_or_else(wrong)?;
            family.kind = kind.into();
        } else {
            let family = families.get_mut(&current).ok_or_else(wrong)?;
            let sample = sample(line).ok_or_else(wrong)?;
            if !family.names(&current).contains(&sample.0) {
                return Err(format!("{line:?} is no sample of {current}"));
            }
            family.samples.push(sample);
        }
    }
    Ok(families)
}

fn sample(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    let (series, value) = line.rsplit_once(' ')?;
    let Some((name, labels)) = series.split_once('{') else {
        return Some((series.into(), BTreeMap::new(), value.into()));
    };
    let labels = labels.strip_suffix("\"}")?;
    let pair = |text: &str| {
        let (label, value) = text.split_once("=\"")?;
        Some((label.to_owned(), value.to_owned()))
    };
    let labels = labels.split("\",").map(pair).collect::<Option<_>>()?;
    Some((name.into(), labels, value.into()))
}

/// Each metric that a query asks for, with the labels that it asks by.
#[must_use]
pub fn asked(query: &str, prefix: &str) -> Vec<(String, Vec<String>)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut asked = Vec::new();
    let mut rest = query;
    while let Some(place) = rest.find(prefix) {
        let begins = rest[..place]
            .chars()
            .next_back()
            .is_none_or(|c| !is_name(c));
        let name: String = rest[place..].chars().take_while(|c| is_name(*c)).collect();
        rest = &rest[place + name.len()..];
        let selector = rest.strip_prefix('{').and_then(|it| it.split_once('}'));
        let labels = selector.map_or_else(Vec::new, |(selector, _)| {
            let label = |part: &str| Some(part.split_once(['=', '!'])?.0.trim().to_owned());
            selector.split("\",").filter_map(label).collect()
        });
        if begins {
            asked.push((name, labels));
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_back() {
        let page = "# HELP a_total Things.\n# TYPE a_total counter\na_total{b=\"c d\",e=\"f\"} 1\n\
                    # HELP g_seconds Long.\n# TYPE g_seconds histogram\ng_seconds_sum 0.5\n";
        let read = families(page).unwrap();
        let (name, labels, value) = &read["a_total"].samples[0];
        assert_eq!((name.as_str(), value.as_str()), ("a_total", "1"));
        assert_eq!((labels["b"].as_str(), labels["e"].as_str()), ("c d", "f"));
        assert_eq!(read["g_seconds"].samples[0].0, "g_seconds_sum");
        for wrong in [
            "a 1\n",
            "# HELP a A.\n# TYPE a gauge\nb 1\n",
            "# TYPE a gauge\n",
        ] {
            assert!(families(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_names_its_metrics_and_their_labels() {
        let query = "sum by (x) (rate(p_a_total{b=\"c,d\",e!~\"f\"}[5m])) / p:r:s - not_p_b";
        let expected = [
            ("p_a_total".to_owned(), vec!["b".to_owned(), "e".to_owned()]),
            ("p:r:s".to_owned(), Vec::new()),
        ];
        assert_eq!(asked(query, "p"), expected);
    }
}
