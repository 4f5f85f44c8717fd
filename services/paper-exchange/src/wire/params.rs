//! Parameters of a request: query and body, percent-decoded, the query wins.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::venue::VenueError;

/// Most parameters of one request; the venue's longest call has under 30.
const MAX_PARAMS: usize = 64;

/// Every name that some call reads.
const KNOWN: [&str; 57] = [
    "activatePrice",
    "activationPrice",
    "algoId",
    "algoType",
    "amount",
    "apiKey",
    "asset",
    "autoCloseType",
    "batchOrders",
    "callbackRate",
    "clientAlgoId",
    "closePosition",
    "contractType",
    "countdownTime",
    "dualSidePosition",
    "endTime",
    "feeBurn",
    "fromId",
    "goodTillDate",
    "incomeType",
    "interval",
    "leverage",
    "limit",
    "listenKey",
    "marginType",
    "modifyId",
    "multiAssetsMargin",
    "newClientOrderId",
    "newOrderRespType",
    "orderId",
    "orderIdList",
    "orderidlist",
    "origClientOrderId",
    "origClientOrderIdList",
    "origclientorderidlist",
    "page",
    "pair",
    "positionSide",
    "price",
    "priceMatch",
    "priceProtect",
    "quantity",
    "recvWindow",
    "reduceOnly",
    "returnRateLimits",
    "rpiDepth",
    "selfTradePreventionMode",
    "side",
    "signature",
    "startTime",
    "stopPrice",
    "symbol",
    "timeInForce",
    "timestamp",
    "triggerPrice",
    "type",
    "workingType",
];

/// The parameters by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Params {
    by_name: BTreeMap<String, String>,
}

impl Params {
    /// Reads query and form body.
    pub(super) fn read(query: &str, body: &str) -> Result<Self, VenueError> {
        let mut by_name = BTreeMap::new();
        for pair in query
            .split('&')
            .chain(body.split('&'))
            .filter(|pair| !pair.is_empty())
        {
            if by_name.len() >= MAX_PARAMS {
                return Err(VenueError::new(
                    -1101,
                    "Too many parameters sent for this endpoint.",
                ));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name.is_empty() {
                return Err(VenueError::new(-1013, "Invalid message."));
            }
            by_name.entry(decode(name)?).or_insert(decode(value)?);
        }
        Ok(Self { by_name })
    }

    /// All of them.
    pub(super) fn into_map(self) -> BTreeMap<String, String> {
        self.by_name
    }

    /// The members of one element of a batch; `null` is absent.
    pub(super) fn of_json(element: &Map<String, Value>) -> Result<Self, VenueError> {
        let mut by_name = BTreeMap::new();
        for (name, value) in element.iter().take(MAX_PARAMS) {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => return Err(invalid(name)),
            };
            by_name.insert(name.clone(), text);
        }
        Ok(Self { by_name })
    }

    /// Refuses a name that no call of the venue knows (a switch: the venue itself tolerates it).
    pub(super) fn check_known(&self) -> Result<(), VenueError> {
        let sent = self.by_name.len();
        let names = self.by_name.keys();
        let read = names.filter(|name| KNOWN.contains(&name.as_str())).count();
        if read == sent {
            return Ok(());
        }
        let text = format!(
            "Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."
        );
        Err(VenueError::new(-1104, text))
    }

    /// The text of a parameter; `None` when absent or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.by_name
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&str, VenueError> {
        self.get(name)
            .ok_or_else(|| VenueError::mandatory(&name.to_lowercase()))
    }

    /// The symbol, which must be there.
    pub(super) fn symbol(&self) -> Result<&str, VenueError> {
        self.need("symbol")
    }

    /// A whole number, if given.
    pub(super) fn int(&self, name: &str) -> Result<Option<i64>, VenueError> {
        self.parse(name)
    }

    /// An id, if given.
    pub(super) fn id(&self, name: &str) -> Result<Option<u64>, VenueError> {
        self.parse(name)
    }

    /// A decimal, if given. Scientific notation is refused (-1100), as on the venue.
    pub(super) fn decimal(&self, name: &str) -> Result<Option<Decimal>, VenueError> {
        let text = self.by_name.get(name).map_or("", String::as_str);
        let legal = |byte: u8| byte.is_ascii_digit() || b".-".contains(&byte);
        if !text.bytes().all(legal) {
            let text = format!("Illegal characters found in parameter '{name}'.");
            return Err(VenueError::new(-1100, text));
        }
        self.parse(name)
    }

    /// A flag: `true`, `True`, `TRUE`, and the same for false; absent is false.
    pub(super) fn flag(&self, name: &str) -> Result<bool, VenueError> {
        let Some(text) = self.get(name) else {
            return Ok(false);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(invalid(name)),
        }
    }

    fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, VenueError> {
        let Some(text) = self.by_name.get(name) else {
            return Ok(None);
        };
        if text.is_empty() {
            let text = format!("Parameter '{name}' was empty.");
            return Err(VenueError::new(-1105, text));
        }
        text.parse().map(Some).map_err(|_| invalid(name))
    }
}

/// -1130.
pub(super) fn invalid(name: &str) -> VenueError {
    VenueError::new(
        -1130,
        format!("Data sent for parameter '{name}' is not valid."),
    )
}

fn decode(text: &str) -> Result<String, VenueError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| VenueError::new(-1100, "Illegal characters found in a parameter."))
}
