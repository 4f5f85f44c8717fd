//! What is written can be read back, and is the same each time.

use domain::policy::Policy;
use domain::{Qty, Side, Symbol, Timestamp};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use rust_decimal::Decimal;

use super::*;
use crate::costs::Costs;
use crate::entries::Entry;
use crate::tape::{Tape, Tick};

const START_MS: i64 = 1_746_316_800_000;

fn plan() -> Plan {
    let prices = [50_000, 50_000, 50_100, 49_500, 49_000, 48_700, 48_700];
    let ticks: Vec<Tick> = prices
        .iter()
        .zip(0..)
        .map(|(price, number)| Tick {
            at: Timestamp::from_millis(START_MS + number * 15_000),
            mark: Decimal::from(*price),
            quote: None,
        })
        .collect();
    let symbol = Symbol::new("BTCUSDT").unwrap();
    Plan {
        tapes: vec![Tape::new(symbol.clone(), ticks.clone(), ticks, Vec::new())],
        entries: vec![Entry {
            symbol,
            at: Timestamp::from_millis(START_MS),
            side: Side::Long,
            qty: Qty::new(Decimal::new(1, 1)).unwrap(),
            leverage: 3,
        }],
        contenders: vec![
            Contender::brain("shipped", Policy::default()),
            Contender::legacy(),
        ],
        costs: Costs::default(),
        threads: 1,
        records: true,
    }
}

fn written(plan: &Plan) -> (usize, Vec<u8>) {
    let run = plan.run(&|_| {}).unwrap();
    let provenance = Provenance::of(plan, vec!["a fact".into()]);
    let mut bytes = Vec::new();
    let rows = write(&run, plan, &provenance, &mut bytes).unwrap();
    (rows, bytes)
}

#[test]
fn each_decision_is_a_row_with_its_outcome() {
    let (rows, bytes) = written(&plan());
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let schema = reader.metadata().file_metadata().schema().clone();
    let place = |name: &str| {
        let mut fields = schema.get_fields().iter();
        fields.position(|field| field.name() == name).unwrap()
    };
    let found: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(found.len(), rows);
    assert!(rows >= 2, "{rows}");
    let actions: Vec<&String> = found
        .iter()
        .map(|row| row.get_string(place("action")).unwrap())
        .collect();
    assert!(actions.iter().any(|it| *it == "move_sl"), "{actions:?}");
    for row in &found {
        assert_eq!(row.get_string(place("exit")).unwrap(), "stop.initial_sl");
        assert_eq!(row.get_string(place("policy")).unwrap(), "shipped");
        let pnl = row.get_decimal(place("pnl")).unwrap();
        let units = i128::from_be_bytes(pnl.data().try_into().unwrap());
        assert!(units < -130 * 10_i128.pow(18) && units > -150 * 10_i128.pow(18));
    }
}

#[test]
fn the_file_says_what_it_was_made_of() {
    let (_, bytes) = written(&plan());
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    let value = |key: &str| {
        let mut pairs = metadata.unwrap().iter();
        let pair = pairs.find(|pair| pair.key == format!("exitbrain.{key}"));
        pair.unwrap().value.clone().unwrap()
    };
    assert_eq!(value("schema_version"), "1");
    assert_eq!(value("data_sha256").len(), 64);
    let hash = format!("{:016x}", Policy::default().hash());
    assert!(value("policies").contains(&hash));
    assert_eq!(value("facts"), "a fact");
}

#[test]
fn the_same_plan_has_the_same_bytes_and_other_prices_another_hash() {
    let (one, two) = (written(&plan()), written(&plan()));
    assert_eq!(one, two);
    let mut other = plan();
    other.costs.seed = 2;
    assert_eq!(data_hash(&plan()), data_hash(&other));
    other.tapes[0].funding.push(crate::tape::Funding {
        at: Timestamp::from_millis(START_MS),
        rate: Decimal::new(1, 4),
    });
    assert_ne!(data_hash(&plan()), data_hash(&other));
}
