//! One column of a Parquet file: its declaration, and its values with their gaps.

use std::io;

use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType,
    Int64Type,
};
use parquet::file::writer::SerializedColumnWriter;
use rust_decimal::Decimal;

use super::other;

/// Digits behind the point of every decimal column.
const SCALE: u32 = 18;

/// A named column.
pub(super) struct Column {
    pub name: &'static str,
    pub values: Values,
}

/// Values of one kind; a missing one is a gap.
pub(super) enum Values {
    Text(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    /// Microseconds since 1970, UTC.
    Time(Vec<Option<i64>>),
    Truth(Vec<Option<bool>>),
    /// `DECIMAL(38, 18)`: no number passes through a float.
    Decimal(Vec<Option<Decimal>>),
}

impl Column {
    /// As it stands in the schema.
    pub fn declared(&self) -> String {
        let kind = match self.values {
            Values::Text(_) => "BYTE_ARRAY {} (STRING)",
            Values::Whole(_) => "INT64 {}",
            Values::Time(_) => "INT64 {} (TIMESTAMP(MICROS, true))",
            Values::Truth(_) => "BOOLEAN {}",
            Values::Decimal(_) => "FIXED_LEN_BYTE_ARRAY (16) {} (DECIMAL(38, 18))",
        };
        format!("optional {};\n", kind.replace("{}", self.name))
    }

    pub fn write(&self, to: SerializedColumnWriter<'_>) -> io::Result<()> {
        match &self.values {
            Values::Text(values) => put::<ByteArrayType, _>(to, values, |text| {
                Some(ByteArray::from(text.as_bytes().to_vec()))
            }),
            Values::Whole(values) | Values::Time(values) => {
                put::<Int64Type, _>(to, values, |value| Some(*value))
            }
            Values::Truth(values) => put::<BoolType, _>(to, values, |value| Some(*value)),
            Values::Decimal(values) => put::<FixedLenByteArrayType, _>(to, values, fixed),
        }
    }
}

/// A decimal in units of its last digit, big-endian two's complement; none where it has more digits
/// than fit.
fn fixed(value: &Decimal) -> Option<FixedLenByteArray> {
    let rounded = value.round_dp(SCALE).normalize();
    let missing = SCALE.checked_sub(rounded.scale())?;
    let units = rounded
        .mantissa()
        .checked_mul(10_i128.checked_pow(missing)?)?;
    let bytes = ByteArray::from(units.to_be_bytes().to_vec());
    Some(FixedLenByteArray::from(bytes))
}

fn put<T: DataType, V>(
    mut to: SerializedColumnWriter<'_>,
    values: &[Option<V>],
    form: impl Fn(&V) -> Option<T::T>,
) -> io::Result<()> {
    let formed: Vec<Option<T::T>> = values
        .iter()
        .map(|value| value.as_ref().and_then(&form))
        .collect();
    let levels: Vec<i16> = formed.iter().map(|it| i16::from(it.is_some())).collect();
    let present: Vec<T::T> = formed.into_iter().flatten().collect();
    to.typed::<T>()
        .write_batch(&present, Some(&levels), None)
        .map_err(other)?;
    to.close().map_err(other)
}
