//! Tests of the number and word forms.

use super::*;

#[derive(Debug, serde::Deserialize)]
struct Row {
    #[serde(deserialize_with = "decimal")]
    qty: Decimal,
    #[serde(default, deserialize_with = "decimal_opt")]
    price: Option<Decimal>,
    #[serde(default, deserialize_with = "id_opt")]
    child: Option<i64>,
}

#[test]
fn a_misshapen_field_is_named_in_the_error() {
    for (text, field) in [
        (r#"[{"qty":"1"},{"qty":"x1"}]"#, "[1].qty"),
        (r#"[{"qty":1.5}]"#, "[0].qty"),
        (r#"[{"qty":"1","price":"1e"}]"#, "[0].price"),
        (r#"[{"qty":"1","child":"12a"}]"#, "[0].child"),
    ] {
        let error = parse::<Vec<Row>>("row", text).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
    let error = parse::<Row>("row", r#"{"price":"1"}"#).unwrap_err();
    assert!(error.to_string().contains("`qty`"), "{error}");
}

#[test]
fn absent_null_and_empty_are_none_and_unknown_fields_pass() {
    for text in [
        r#"{"qty":"1"}"#,
        r#"{"qty":1,"price":null,"child":"","new":[1]}"#,
    ] {
        let row: Row = parse("row", text).unwrap();
        assert_eq!((row.qty, row.price, row.child), (Decimal::ONE, None, None));
    }
}

#[test]
fn ids_above_two_to_the_53_keep_every_digit() {
    let row: Row = parse("row", r#"{"qty":"1","child":"8389765739703625592"}"#).unwrap();
    assert_eq!(row.child, Some(8_389_765_739_703_625_592));
}

#[test]
fn text_after_the_answer_is_refused() {
    assert!(parse::<Row>("row", r#"{"qty":"1"} x"#).is_err());
}

#[test]
fn an_unknown_word_is_kept_and_is_never_final() {
    let status = OrderStatus::from("HALF_DONE");
    assert_eq!((status.as_str(), status.is_final()), ("HALF_DONE", false));
    let algo = AlgoStatus::from("PAUSED");
    assert_eq!((algo.is_final(), algo.is_resting()), (false, false));
}
