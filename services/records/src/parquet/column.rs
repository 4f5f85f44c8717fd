//! One column: its name, its type, and of each row no value, one, or a list of them.

use std::io;

use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType,
    Int64Type,
};
use ::parquet::file::writer::SerializedColumnWriter;
use rust_decimal::Decimal;

use super::other;

/// Digits behind the point; no price or quantity of the venue has more.
const SCALE: u32 = 18;

/// Values of one type, of each row.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Text(Vec<Vec<String>>),
    Number(Vec<Vec<Decimal>>),
    Whole(Vec<Vec<i64>>),
    /// Microseconds since the Unix epoch.
    Time(Vec<Vec<i64>>),
    Flag(Vec<Vec<bool>>),
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) is_list: bool,
    pub(super) values: Values,
}

impl Column {
    /// Its line in the schema.
    pub(super) fn declared(&self) -> String {
        let Self { name, .. } = self;
        let often = if self.is_list { "REPEATED" } else { "OPTIONAL" };
        match &self.values {
            Values::Text(_) => format!("{often} BYTE_ARRAY {name} (STRING); "),
            Values::Number(_) => {
                format!("{often} FIXED_LEN_BYTE_ARRAY(16) {name} (DECIMAL(38,{SCALE})); ")
            }
            Values::Whole(_) => format!("{often} INT64 {name}; "),
            Values::Time(_) => format!("{often} INT64 {name} (TIMESTAMP(MICROS,true)); "),
            Values::Flag(_) => format!("{often} BOOLEAN {name}; "),
        }
    }

    pub(super) fn write(self, to: SerializedColumnWriter<'_>) -> io::Result<()> {
        let is_list = self.is_list;
        match self.values {
            Values::Text(rows) => {
                let bytes = |it: String| Ok(ByteArray::from(it.into_bytes()));
                put::<ByteArrayType, _>(to, is_list, rows, bytes)
            }
            Values::Number(rows) => put::<FixedLenByteArrayType, _>(to, is_list, rows, fixed),
            Values::Whole(rows) | Values::Time(rows) => put::<Int64Type, _>(to, is_list, rows, Ok),
            Values::Flag(rows) => put::<BoolType, _>(to, is_list, rows, Ok),
        }
    }
}

/// Writes values with their levels: a definition level says whether there is one at all, a
/// repetition level whether it goes on with the list of the same row.
fn put<D: DataType, T>(
    mut to: SerializedColumnWriter<'_>,
    is_list: bool,
    rows: Vec<Vec<T>>,
    of: impl Fn(T) -> io::Result<D::T>,
) -> io::Result<()> {
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        if row.is_empty() {
            defined.push(0);
            repeated.push(0);
        }
        for (at, value) in row.into_iter().enumerate() {
            values.push(of(value)?);
            defined.push(1);
            repeated.push(i16::from(at > 0));
        }
    }
    let repeated = is_list.then_some(repeated.as_slice());
    let writer = to.typed::<D>();
    let written = writer.write_batch(&values, Some(&defined), repeated);
    written.map_err(other)?;
    to.close().map_err(other)
}

/// The unscaled number, big-endian.
fn fixed(value: Decimal) -> io::Result<FixedLenByteArray> {
    let value = value.round_dp(SCALE).normalize();
    let factor = 10_i128.checked_pow(SCALE.saturating_sub(value.scale()));
    let scaled = factor.and_then(|factor| value.mantissa().checked_mul(factor));
    let scaled = scaled.ok_or_else(|| {
        io::Error::other(format!(
            "{value} has more than 38 digits with {SCALE} behind the point"
        ))
    })?;
    Ok(FixedLenByteArray::from(scaled.to_be_bytes().to_vec()))
}
