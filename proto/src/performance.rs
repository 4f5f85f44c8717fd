//! How take-profit targets perform.

use domain::Span;
use domain::ids::NameError;
use domain::market::Regime;
use domain::performance::{ROWS_MAX, Recommendation, SymbolPerformance, TargetPerformance};

use crate::body::Body;
use crate::error::WireError;
use crate::read;
use crate::wire;

fn write_target(target: &TargetPerformance) -> wire::TpTarget {
    wire::TpTarget {
        strategy: Some(target.strategy.clone()),
        regime: Some(target.regime.to_string()),
        leg: Some(target.leg.into()),
        planned: Some(target.planned),
        hit: Some(target.hit),
        missed: Some(target.missed),
        premature: Some(target.premature),
        hit_rate: target.hit_rate.map(|ratio| ratio.to_string()),
        slippage: target.slippage.map(|ratio| ratio.to_string()),
        time_to_hit: target.time_to_hit.map(Span::micros),
        recommendation: Some(target.recommendation.to_string()),
    }
}

fn read_target(target: wire::TpTarget) -> Result<TargetPerformance, WireError> {
    Ok(TargetPerformance {
        strategy: read::token("strategy", target.strategy)?,
        regime: read_name::<Regime>("regime", target.regime)?,
        leg: read::small("leg", target.leg)?,
        planned: read::required("planned", target.planned)?,
        hit: read::required("hit", target.hit)?,
        missed: read::required("missed", target.missed)?,
        premature: read::required("premature", target.premature)?,
        hit_rate: read::optional(read::share, "hit_rate", target.hit_rate)?,
        slippage: read::optional(read::ratio, "slippage", target.slippage)?,
        time_to_hit: target
            .time_to_hit
            .map(|micros| read_span("time_to_hit", micros))
            .transpose()?,
        recommendation: read_name::<Recommendation>("recommendation", target.recommendation)?,
    })
}

fn read_name<T: std::str::FromStr<Err = NameError>>(
    field: &str,
    name: Option<String>,
) -> Result<T, WireError> {
    let name = read::word(field, name)?;
    let named = name.parse();
    named.map_err(|fault: NameError| WireError::value(field, &name, fault.why))
}

fn read_span(field: &str, micros: i64) -> Result<Span, WireError> {
    if micros < 0 {
        let why = "must be 0 or more";
        return Err(WireError::value(field, &micros.to_string(), why));
    }
    Ok(Span::from_micros(micros))
}

/// The message of the gRPC service is that of the bus.
impl From<&SymbolPerformance> for wire::TpPerformance {
    fn from(performance: &SymbolPerformance) -> Self {
        performance.to_message()
    }
}

impl Body for SymbolPerformance {
    const NAME: &'static str = "TpPerformance";
    type Message = wire::TpPerformance;

    fn to_message(&self) -> wire::TpPerformance {
        wire::TpPerformance {
            symbol: Some(self.symbol.to_string()),
            targets: self.targets.iter().map(write_target).collect(),
            since: Some(self.since.micros()),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::TpPerformance) -> Result<Self, WireError> {
        Ok(Self {
            symbol: read::symbol("symbol", message.symbol)?,
            targets: read::list("targets", message.targets, ROWS_MAX, read_target)?,
            since: read::time("since", message.since)?,
            at: read::time("at", message.at)?,
        })
    }
}
