//! The rows of a closed file as Parquet, for tools that read columns. It is derived: the JSON
//! lines stay, and the file can be made again.
//!
//! Decimals are `DECIMAL(38, 18)`, times `TIMESTAMP(MICROS, UTC)`, lists repeated fields.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use serde::de::DeserializeOwned;

use crate::bar::MarkBar;
use crate::closed::ClosedPosition;
use crate::entry::Kind;
use crate::ledger::segment;
use crate::shadow::ShadowRecord;

pub mod column;
mod tables;

use column::{Column, other};

/// Rows that are held at once while a file is made.
const ROWS_MAX: usize = 20_000;

/// Makes the Parquet of `lines`, a file named as [`segment`] names them: under another name first,
/// so that there is never half of one. Lines that can't be read are left out.
///
/// # Errors
/// Those of the file system; also where a row can't be written as Parquet.
pub fn derive(lines: &Path) -> io::Result<()> {
    let kind = segment::kind(lines);
    let kind = kind.ok_or_else(|| io::Error::other("the name is none of a closed file"))?;
    let (done, half_made) = segment::parquet(lines);
    let file = match kind {
        Kind::Shadow => write::<ShadowRecord>(lines, &half_made),
        Kind::Closed => write::<ClosedPosition>(lines, &half_made),
        Kind::Marks => write::<MarkBar>(lines, &half_made),
    }?;
    file.sync_all()?;
    fs::rename(&half_made, &done)?;
    done.parent().map_or(Ok(()), segment::sync_dir)
}

/// Something whose rows have columns.
trait Table: DeserializeOwned {
    /// Columns of these rows; of none too, for the schema.
    fn columns(rows: &[Self]) -> Vec<Column>;
}

fn write<T: Table>(lines: &Path, to: &Path) -> io::Result<File> {
    let mut out = Out::<T>::new(File::create(to)?)?;
    let mut rows = Vec::new();
    for line in BufReader::new(File::open(lines)?).lines() {
        if let Ok(row) = serde_json::from_str(&line?) {
            rows.push(row);
        }
        if rows.len() >= ROWS_MAX {
            out.group(&rows)?;
            rows.clear();
        }
    }
    if !rows.is_empty() {
        out.group(&rows)?;
    }
    out.close()
}

struct Out<T> {
    writer: SerializedFileWriter<BufWriter<File>>,
    rows: std::marker::PhantomData<T>,
}

impl<T: Table> Out<T> {
    fn new(file: File) -> io::Result<Self> {
        let schema = column::schema("row", &T::columns(&[]))?;
        let level = ZstdLevel::default();
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
        let properties = Arc::new(properties.build());
        let file = BufWriter::new(file);
        let writer = SerializedFileWriter::new(file, schema, properties);
        Ok(Self {
            writer: writer.map_err(other)?,
            rows: std::marker::PhantomData,
        })
    }

    fn group(&mut self, rows: &[T]) -> io::Result<()> {
        column::write_group(&mut self.writer, T::columns(rows))
    }

    fn close(self) -> io::Result<File> {
        let mut file = self.writer.into_inner().map_err(other)?;
        file.flush()?;
        file.into_inner().map_err(|error| error.into_error())
    }
}
