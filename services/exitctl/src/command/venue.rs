//! `exitctl venue check`: asks the venue what the gateway would live on, and changes nothing.

mod checks;
mod report;
mod settings;
mod stops;

use std::sync::Arc;

use binance::outcome::{Outcome, classify};
use binance::rest::RestClient;
use binance::symbol_rules::exchange_info;
use binance::wire::ParseError;
use binance::ws_api::{self, WsApiConfig};
use binance::{ApiRequest, response};
use tokio::time::timeout;

use crate::answer::{Answer, Trouble};
use crate::cli::{Cli, Venue, VenueCheck};

use report::Row;
pub use report::{Report, Verdict};
use settings::Settings;

/// Checks the venue.
///
/// # Errors
/// [`Trouble`] where settings or keys can't be used, or nobody answers.
pub async fn run(verb: &Venue, cli: &Cli) -> Result<Answer, Trouble> {
    let Venue::Check(asked) = verb;
    ask(asked, cli).await?.answer(cli.format())
}

/// What the venue answered.
///
/// # Errors
/// As [`run`].
pub async fn ask(asked: &VenueCheck, cli: &Cli) -> Result<Report, Trouble> {
    runtime::install_crypto();
    let settings = Settings::of(asked)?;
    let rest = Arc::new(settings.client(cli.timeout)?);
    let mut report = Report::new(&settings.venue.rest_url);
    let venue = Asker { rest: &rest };
    report.push(venue.clock(&settings, cli).await?);
    public(&venue, &settings, &mut report).await;
    if private(&venue, &settings, &mut report).await {
        report.push(order_socket(&settings, &rest, cli).await);
        report.push(user_stream(&venue, asked).await);
    }
    Ok(report)
}

/// What needs no key.
async fn public(venue: &Asker<'_>, settings: &Settings, report: &mut Report) {
    match venue.ask(ApiRequest::exchange_info(), exchange_info).await {
        Ok(info) => {
            report.push(checks::limits(info.limits));
            report.extend(checks::symbols(&info, &settings.symbols));
        }
        Err(why) => report.push(Row::bad("symbols", why)),
    }
}

/// What needs the key; false where the key is of no use, so that nothing further is asked.
async fn private(venue: &Asker<'_>, settings: &Settings, report: &mut Report) -> bool {
    let kind = settings.kind();
    let account = venue.ask(ApiRequest::account_config(), response::account_config);
    match account.await {
        Ok(account) => report.extend(checks::account(&account, kind)),
        Err(why) => {
            report.push(Row::bad(
                "key",
                format!("{kind}: {why}; nothing more was asked"),
            ));
            return false;
        }
    }
    let mode = venue.ask(ApiRequest::position_mode(), response::position_mode);
    report.push(match mode.await {
        Ok(mode) => checks::position_mode(mode, settings.venue.position_mode),
        Err(why) => Row::bad("position mode", why),
    });
    let config = venue.ask(ApiRequest::symbol_config(None), response::symbol_config);
    match config.await {
        Ok(rows) => report.extend(checks::leverages(&rows, &settings.symbols)),
        Err(why) => report.push(Row::bad("leverage", why)),
    }
    books(venue, settings, report).await;
    true
}

/// Positions and both books; a position without its stop is found only if all three are read.
async fn books(venue: &Asker<'_>, settings: &Settings, report: &mut Report) {
    let positions = venue.ask(ApiRequest::position_risk_v3(), response::position_risk);
    let positions = positions.await;
    let orders = venue.ask(ApiRequest::open_orders(None), response::open_orders);
    let orders = orders.await;
    let algos = venue.ask(
        ApiRequest::open_algo_orders(None),
        response::open_algo_orders,
    );
    let algos = algos.await;
    report.push(checks::read("positions", positions.as_ref(), |rows| {
        rows.iter()
            .filter(|row| !row.position_amt.is_zero())
            .count()
    }));
    report.push(checks::read("ordinary orders", orders.as_ref(), Vec::len));
    report.push(checks::read("conditional orders", algos.as_ref(), Vec::len));
    report.extend(match (&positions, &algos) {
        (Ok(positions), Ok(algos)) => stops::check(positions, algos, &settings.symbols),
        _ => vec![Row::bad(
            "stops",
            "positions or conditional orders are unread".into(),
        )],
    });
}

/// REST is the way for whatever the socket does not take, so without it nothing is lost but time.
async fn order_socket(settings: &Settings, rest: &Arc<RestClient>, cli: &Cli) -> Row {
    const NAME: &str = "order socket";
    let url = settings.venue.ws_api_url.as_str();
    if url.is_empty() {
        return Row::ok(NAME, "off: orders go over REST".into());
    }
    let config = WsApiConfig::new(url, || runtime::now().millis());
    let (mut ws, _late) = ws_api::open(config, Arc::clone(rest));
    let logged_on = match settings.credentials_can_log_on {
        true => "connected and logged on",
        false => "connected; each request will be signed",
    };
    match timeout(cli.timeout, ws.connected()).await {
        Ok(()) => Row::ok(NAME, logged_on.into()),
        Err(_) => Row::warn(
            NAME,
            format!("{url} was not open in time: orders go over REST"),
        ),
    }
}

async fn user_stream(venue: &Asker<'_>, asked: &VenueCheck) -> Row {
    const NAME: &str = "user stream";
    if !asked.with_stream {
        return Row::unknown(
            NAME,
            "not asked: a listen key is a POST; add --with-stream".into(),
        );
    }
    // Never deleted here: the account has one key, and the gateway lives on it.
    let key = venue.ask(ApiRequest::create_listen_key(), response::listen_key);
    match key.await {
        Ok(_) => Row::ok(NAME, "a listen key can be had".into()),
        Err(why) => Row::bad(NAME, why),
    }
}

/// One question after the other.
struct Asker<'a> {
    rest: &'a RestClient,
}

impl Asker<'_> {
    /// The venue's clock against ours; the questions after it are signed by the venue's.
    async fn clock(&self, settings: &Settings, cli: &Cli) -> Result<Row, Trouble> {
        let url = &settings.venue.rest_url;
        let nobody = |why: String| Trouble::Unreachable(format!("{url}: {why}"));
        let before = runtime::now();
        let time = timeout(
            cli.timeout,
            self.ask(ApiRequest::server_time(), response::server_time),
        );
        let late = |_| nobody(format!("no answer within {:?}", cli.timeout));
        let venue_ms = time.await.map_err(late)?.map_err(nobody)?;
        let clock = checks::Clock::new(before, runtime::now(), venue_ms);
        self.rest.set_clock_offset_ms(clock.offset_ms);
        Ok(checks::clock(clock, settings.venue.recv_window_ms))
    }

    /// An answer, or why there is none: never in the venue's own words, which may repeat keys.
    async fn ask<T>(
        &self,
        request: ApiRequest,
        read: impl FnOnce(&str) -> Result<T, ParseError>,
    ) -> Result<T, String> {
        let answer = self.rest.execute(&request, runtime::now().millis()).await;
        match classify(request.method, &answer).read(read) {
            Outcome::Done(value) => Ok(value),
            Outcome::Rejected { code, .. } => Err(checks::refused(code)),
            Outcome::Limited { limit, .. } => Err(format!("the venue limits us: {limit:?}")),
            Outcome::Unknown { why } => Err(format!("unreadable or unanswered: {why:?}")),
            Outcome::Retryable {
                code: Some(code), ..
            } => Err(checks::refused(code)),
            Outcome::Retryable { code: None, .. } => Err(match answer {
                Err(error) => error.to_string(),
                Ok(answer) => format!("HTTP status {}", answer.status),
            }),
        }
    }
}
