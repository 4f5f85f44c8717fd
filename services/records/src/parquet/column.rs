//! One column: its name, its type, and of each row no value, one, or a list of them; and a file of
//! columns, group by group.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType,
    Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::TypePtr;
use rust_decimal::Decimal;

/// Digits behind the point; no price or quantity of the venue has more.
const SCALE: u32 = 18;

/// Values of one type, of each row.
#[derive(Debug, Clone)]
pub enum Values {
    /// UTF-8.
    Text(Vec<Vec<String>>),
    /// `DECIMAL(38, 18)`: no number passes through a float.
    Number(Vec<Vec<Decimal>>),
    /// Whole numbers.
    Whole(Vec<Vec<i64>>),
    /// Microseconds since the Unix epoch.
    Time(Vec<Vec<i64>>),
    /// Yes or no.
    Flag(Vec<Vec<bool>>),
}

/// A column of some rows.
#[derive(Debug, Clone)]
pub struct Column {
    /// As it is called in the file.
    pub name: &'static str,
    /// Whether a row may have more than one value.
    pub is_list: bool,
    /// Of each row, none, one, or a list.
    pub values: Values,
}

/// The schema of a file with such columns; their rows may be none.
///
/// # Errors
/// Where it is no schema.
pub fn schema(message: &str, columns: &[Column]) -> io::Result<TypePtr> {
    let columns: String = columns.iter().map(Column::declared).collect();
    let schema = parse_message_type(&format!("message {message} {{ {columns} }}"));
    schema.map(Arc::new).map_err(other)
}

/// Writes one row group.
///
/// # Errors
/// Those of the file; also where the columns are not those of its schema, or a value can't be
/// written.
pub fn write_group<W: Write + Send>(
    to: &mut SerializedFileWriter<W>,
    columns: Vec<Column>,
) -> io::Result<()> {
    let mut group = to.next_row_group().map_err(other)?;
    for column in columns {
        let next = group.next_column().map_err(other)?;
        let next = next.ok_or_else(|| io::Error::other("the schema has fewer columns"))?;
        column.write(next)?;
    }
    group.close().map_err(other)?;
    Ok(())
}

/// Parquet's errors as those of a file.
pub fn other(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

impl Column {
    /// Its line in the schema.
    fn declared(&self) -> String {
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

    fn write(self, to: SerializedColumnWriter<'_>) -> io::Result<()> {
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

/// Whether a number has its place in a column of numbers.
#[must_use]
pub fn fits(value: &Decimal) -> bool {
    unscaled(*value).is_some()
}

/// In units of the last digit of a column.
fn unscaled(value: Decimal) -> Option<i128> {
    let value = value.round_dp(SCALE).normalize();
    let factor = 10_i128.checked_pow(SCALE.saturating_sub(value.scale()))?;
    value.mantissa().checked_mul(factor)
}

/// The unscaled number, big-endian.
fn fixed(value: Decimal) -> io::Result<FixedLenByteArray> {
    let scaled = unscaled(value).ok_or_else(|| {
        io::Error::other(format!(
            "{value} has more than 38 digits with {SCALE} behind the point"
        ))
    })?;
    Ok(FixedLenByteArray::from(scaled.to_be_bytes().to_vec()))
}
