//! Readers of single fields: bounds and grammar, and the refusal when they are not kept.

use std::collections::BTreeMap;

use domain::ids::{ClientOrderId, Module, NAME_LEN_MAX};
use domain::intent::IntentId;
use domain::{Account, Epoch, Money, Price, Qty, Ratio, Symbol, Timestamp};
use rust_decimal::Decimal;

use crate::error::{WireError, clip};

type Read<T> = Result<T, WireError>;

/// Longest text for people, in bytes. Longer ones are clipped when written, refused when read.
pub(crate) const TEXT_LEN_MAX: usize = 1_024;
/// Longest word (ids, codes, names), in bytes.
pub(crate) const WORD_LEN_MAX: usize = 64;
/// Most entries of a map of counters; each service bounds its own far below.
pub(crate) const COUNTERS_MAX: usize = 512;
/// Longest decimal: sign, 29 digits, point, and room for a leading zero.
const DECIMAL_LEN_MAX: usize = 32;
/// Bounds of any decimal, as a power of ten. Products of a price, a quantity and a leverage within
/// them stay inside what a decimal can hold (7.9e28), so arithmetic on read values can't overflow.
const PRICE_EXPONENT: u32 = 12;
const QTY_EXPONENT: u32 = 15;
const NUMBER_EXPONENT: u32 = 15;
/// A step of prices or quantities: the venue's largest is below 1,000, and a product with a
/// quantity or a price can't overflow.
const STEP_EXPONENT: u32 = 6;
/// A distance or a rate beyond 1,000,000 % is nonsense.
const RATIO_EXPONENT: u32 = 4;
/// Percents grow with the leverage, and with a price that multiplied.
const PERCENT_EXPONENT: u32 = 24;
/// End of the year 9999 in microseconds: later ones are a wrong unit.
const TIME_MAX: i64 = 253_402_300_799_999_999;

pub(crate) fn required<T>(field: &str, value: Option<T>) -> Read<T> {
    value.ok_or_else(|| WireError::missing(field))
}

fn power(exponent: u32) -> Decimal {
    Decimal::from_i128_with_scale(10_i128.pow(exponent), 0)
}

/// `-?digits[.digits]`, nothing else: no exponent, no sign `+`, no separators.
fn is_decimal(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match body.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(body),
    }
}

fn within_bounds(field: &str, text: &str, exponent: u32) -> Read<Decimal> {
    let refuse = |why: String| WireError::value(field, text, why);
    if text.len() > DECIMAL_LEN_MAX || !is_decimal(text) {
        return Err(refuse("not a decimal like -12.5".into()));
    }
    let value =
        Decimal::from_str_exact(text).map_err(|_| refuse("has more than 28 digits".into()))?;
    if value.abs() > power(exponent) {
        return Err(refuse(format!("beyond 1e{exponent}")));
    }
    Ok(value)
}

fn bounded(field: &str, text: Option<String>, exponent: u32) -> Read<(Decimal, String)> {
    let text = required(field, text)?;
    Ok((within_bounds(field, &text, exponent)?, text))
}

/// An optional field by the reader of a required one.
pub(crate) fn optional<T>(
    read: fn(&str, Option<String>) -> Read<T>,
    field: &str,
    text: Option<String>,
) -> Read<Option<T>> {
    text.map(|text| read(field, Some(text))).transpose()
}

pub(crate) fn decimal(field: &str, text: Option<String>) -> Read<Decimal> {
    Ok(bounded(field, text, NUMBER_EXPONENT)?.0)
}

pub(crate) fn percent(field: &str, text: Option<String>) -> Read<Decimal> {
    Ok(bounded(field, text, PERCENT_EXPONENT)?.0)
}

/// A decimal of `low` to `high`.
pub(crate) fn decimal_in(field: &str, text: Option<String>, low: i64, high: i64) -> Read<Decimal> {
    let (value, text) = bounded(field, text, NUMBER_EXPONENT)?;
    if value < Decimal::from(low) || value > Decimal::from(high) {
        return Err(WireError::value(
            field,
            &text,
            format!("not {low} to {high}"),
        ));
    }
    Ok(value)
}

pub(crate) fn price(field: &str, text: Option<String>) -> Read<Price> {
    let (value, text) = bounded(field, text, PRICE_EXPONENT)?;
    let smallest = Decimal::new(1, PRICE_EXPONENT);
    if value > Decimal::ZERO && value < smallest {
        return Err(WireError::value(field, &text, format!("below {smallest}")));
    }
    Price::new(value).map_err(|fault| WireError::value(field, &text, fault.to_string()))
}

pub(crate) fn qty(field: &str, text: Option<String>) -> Read<Qty> {
    let (value, text) = bounded(field, text, QTY_EXPONENT)?;
    Qty::new(value).map_err(|fault| WireError::value(field, &text, fault.to_string()))
}

/// A step of a grid: above zero by as much as a price is.
pub(crate) fn step(field: &str, text: Option<String>) -> Read<Decimal> {
    let (value, text) = bounded(field, text, STEP_EXPONENT)?;
    let smallest = Decimal::new(1, PRICE_EXPONENT);
    if value < smallest {
        return Err(WireError::value(field, &text, format!("below {smallest}")));
    }
    Ok(value)
}

pub(crate) fn money(field: &str, text: Option<String>) -> Read<Money> {
    decimal(field, text).map(Money::new)
}

pub(crate) fn ratio(field: &str, text: Option<String>) -> Read<Ratio> {
    Ok(Ratio::new(bounded(field, text, RATIO_EXPONENT)?.0))
}

/// A ratio of 0 or more: a distance, a volatility.
pub(crate) fn distance(field: &str, text: Option<String>) -> Read<Ratio> {
    let distance = ratio(field, text)?;
    if distance < Ratio::ZERO {
        let why = "must be 0 or more";
        return Err(WireError::value(field, &distance.to_string(), why));
    }
    Ok(distance)
}

/// An amount of 0 or more.
pub(crate) fn amount(field: &str, text: Option<String>) -> Read<Money> {
    let amount = money(field, text)?;
    if amount < Money::default() {
        let why = "must be 0 or more";
        return Err(WireError::value(field, &amount.to_string(), why));
    }
    Ok(amount)
}

/// A ratio of 0 to 1: a share, a confidence.
pub(crate) fn share(field: &str, text: Option<String>) -> Read<Ratio> {
    decimal_in(field, text, 0, 1).map(Ratio::new)
}

pub(crate) fn time(field: &str, micros: Option<i64>) -> Read<Timestamp> {
    let micros = required(field, micros)?;
    if !(0..=TIME_MAX).contains(&micros) {
        let why = "not microseconds since 1970";
        return Err(WireError::value(field, &micros.to_string(), why));
    }
    Ok(Timestamp::from_micros(micros))
}

pub(crate) fn epoch(field: &str, epoch: Option<u64>) -> Read<Epoch> {
    required(field, epoch).map(Epoch)
}

/// A number of at most 255.
pub(crate) fn small(field: &str, number: Option<u32>) -> Read<u8> {
    let number = required(field, number)?;
    u8::try_from(number).map_err(|_| WireError::value(field, &number.to_string(), "more than 255"))
}

/// Text for people; may be empty.
pub(crate) fn text(field: &str, text: Option<String>) -> Read<String> {
    let text = required(field, text)?;
    if text.len() > TEXT_LEN_MAX {
        return Err(WireError::value(field, &text, "more than 1,024 bytes"));
    }
    Ok(text)
}

/// Text for people as it is written: clipped, so that a long one can't make a message unreadable.
pub(crate) fn clipped(text: &str) -> Option<String> {
    Some(clip(text, TEXT_LEN_MAX).into())
}

/// A name, a code, an id: 1 to 64 bytes, no control characters.
pub(crate) fn word(field: &str, word: Option<String>) -> Read<String> {
    let word = required(field, word)?;
    let fits = !word.is_empty() && word.len() <= WORD_LEN_MAX;
    if !fits || word.chars().any(char::is_control) {
        let why = "not 1 to 64 bytes without control characters";
        return Err(WireError::value(field, &word, why));
    }
    Ok(word)
}

/// One token of a subject.
pub(crate) fn token(field: &str, token: Option<String>) -> Read<String> {
    let token = required(field, token)?;
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '.' | '*' | '>');
    if token.is_empty() || token.len() > NAME_LEN_MAX || token.contains(forbidden) {
        let why = "not 1 to 40 bytes without blanks, dots, '*' or '>'";
        return Err(WireError::value(field, &token, why));
    }
    Ok(token)
}

/// A reason code: `CATEGORY_CONDITION`.
pub(crate) fn code(field: &str, code: Option<String>) -> Read<String> {
    let code = word(field, code)?;
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if !code.chars().all(fits) {
        return Err(WireError::value(field, &code, "not a code of A-Z 0-9 _"));
    }
    Ok(code)
}

pub(crate) fn symbol(field: &str, text: Option<String>) -> Read<Symbol> {
    let text = required(field, text)?;
    Symbol::new(&text).map_err(|fault| WireError::value(field, &text, fault.why))
}

pub(crate) fn account(field: &str, text: Option<String>) -> Read<Account> {
    let text = required(field, text)?;
    Account::new(&text).map_err(|fault| WireError::value(field, &text, fault.why))
}

pub(crate) fn module(field: &str, name: Option<String>) -> Read<Module> {
    token(field, name).map(|name| Module::from_name(&name))
}

pub(crate) fn intent_id(field: &str, id: Option<String>) -> Read<IntentId> {
    word(field, id).map(|id| IntentId::from_wire(&id))
}

pub(crate) fn client_order_id(field: &str, text: Option<String>) -> Read<ClientOrderId> {
    let text = required(field, text)?;
    ClientOrderId::new(&text).map_err(|fault| WireError::value(field, &text, fault.why))
}

pub(crate) fn counters(
    field: &str,
    counters: BTreeMap<String, u64>,
) -> Read<BTreeMap<String, u64>> {
    if counters.len() > COUNTERS_MAX {
        let why = format!("more than {COUNTERS_MAX} names");
        return Err(WireError::value(field, &counters.len().to_string(), why));
    }
    for name in counters.keys() {
        word(field, Some(name.clone()))?;
    }
    Ok(counters)
}

/// A list of at most `len_max` items, each read by `read`.
pub(crate) fn list<M, T>(
    field: &str,
    items: Vec<M>,
    len_max: usize,
    read: impl Fn(M) -> Read<T>,
) -> Read<Vec<T>> {
    if items.len() > len_max {
        let why = format!("more than {len_max} items");
        return Err(WireError::value(field, &items.len().to_string(), why));
    }
    let item = |(index, item)| read(item).map_err(|fault| fault.within_item(field, index));
    items.into_iter().enumerate().map(item).collect()
}

/// A required message inside a message.
pub(crate) fn nested<M, T>(
    field: &str,
    message: Option<M>,
    read: impl Fn(M) -> Read<T>,
) -> Read<T> {
    read(required(field, message)?).map_err(|fault| fault.within(field))
}

/// A decimal as it is written: canonical, without trailing zeros.
pub(crate) fn written(value: Decimal) -> Option<String> {
    Some(value.normalize().to_string())
}

/// Makes the two conversions of an enum that has a row for each variant; what has none is refused.
macro_rules! enumeration {
    ($domain:ty, $wire:ty, $write:ident, $read:ident, {
        $($ours:ident => $theirs:ident),+ $(,)?
    }) => {
        pub(crate) const fn $write(value: $domain) -> i32 {
            match value {
                $(<$domain>::$ours => <$wire>::$theirs as i32,)+
            }
        }

        pub(crate) fn $read(
            field: &str,
            number: i32,
        ) -> Result<$domain, crate::error::WireError> {
            match <$wire>::try_from(number) {
                $(Ok(<$wire>::$theirs) => Ok(<$domain>::$ours),)+
                Ok(<$wire>::Unspecified) => Err(crate::error::WireError::missing(field)),
                Err(_) => Err(crate::error::WireError::value(
                    field,
                    &number.to_string(),
                    "is no known value",
                )),
            }
        }
    };
}
pub(crate) use enumeration;
