//! Keys, time window and signatures.

use super::*;

const SECRET: &str = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
const PAYLOAD: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&\
                       recvWindow=5000&timestamp=1591702613943";
const DOCUMENTED: &str = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
const SENT_AT: i64 = 1_591_702_613_943;

fn signed_venue() -> Venue {
    let credentials = Credentials::new("the-key").unwrap().with_secret(SECRET);
    venue_with(VenueConfig {
        credentials: Some(credentials),
        ..VenueConfig::default()
    })
}

/// The error code of the answer, 0 when accepted.
fn ask(query: &str, api_key: Option<&str>, now_ms: i64) -> i64 {
    let mut request = WireRequest::new("POST", ORDER, query);
    request.api_key = api_key.map(str::to_owned);
    let response = handle(&mut signed_venue(), &request, now_ms);
    let value: Value = serde_json::from_str(&response.body).unwrap();
    value["code"].as_i64().unwrap_or(0)
}

fn documented() -> String {
    format!("{PAYLOAD}&signature={DOCUMENTED}")
}

#[test]
fn the_documented_signature_is_accepted() {
    let code = ask(&documented(), Some("the-key"), SENT_AT);
    assert_eq!(code, 0);
}

#[test]
fn a_changed_byte_breaks_the_signature() {
    let query = documented().replace("quantity=1", "quantity=2");
    assert_eq!(ask(&query, Some("the-key"), SENT_AT), -1022);
    assert_eq!(ask(PAYLOAD, Some("the-key"), SENT_AT), -1102);
}

#[test]
fn the_key_must_be_there_and_right() {
    assert_eq!(ask(&documented(), None, SENT_AT), -2014);
    assert_eq!(ask(&documented(), Some("other"), SENT_AT), -2015);
}

#[test]
fn the_time_window_has_two_ends() {
    let at = |now_ms| ask(&documented(), Some("the-key"), now_ms);
    assert_eq!(at(SENT_AT + 5_000), 0);
    assert_eq!(at(SENT_AT + 5_001), -1021);
    assert_eq!(at(SENT_AT - 999), 0);
    assert_eq!(at(SENT_AT - 1_000), -1021);
}

#[test]
fn the_payload_is_query_then_body_without_anything_between() {
    let mut request = WireRequest::new("POST", ORDER, "symbol=BTCUSDT&side=BUY&type=LIMIT");
    request.body = "quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943\
                    &signature=392023bbb773073d48c2fa4bda99495b2ff2d4f2a7ed31370afe9e68d27886a7"
        .to_owned();
    request.api_key = Some("the-key".to_owned());
    let response = handle(&mut signed_venue(), &request, SENT_AT);
    assert_eq!(response.status, 200, "{}", response.body);
}

#[test]
fn ed25519_signatures_in_base64_are_accepted() {
    use base64::Engine as _;
    use ring::signature::KeyPair as _;
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = hex::encode(pair.public_key().as_ref());
    let credentials = Credentials::new("the-key")
        .unwrap()
        .with_ed25519(&public)
        .unwrap();
    let tag = pair.sign(PAYLOAD.as_bytes());
    let text = base64::engine::general_purpose::STANDARD.encode(tag.as_ref());
    assert!(credentials.verifies(PAYLOAD.as_bytes(), &text));
    assert!(!credentials.verifies(b"something else", &text));
    assert!(!credentials.verifies(PAYLOAD.as_bytes(), "nonsense"));
    assert!(Credentials::new("k").unwrap().with_ed25519("abc").is_err());
}

#[test]
fn market_data_needs_nothing_and_a_listen_key_needs_only_the_key() {
    let mut venue = signed_venue();
    assert_eq!(
        call(&mut venue, "GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT").0,
        200
    );
    let mut request = WireRequest::new("POST", "/fapi/v1/listenKey", "");
    assert_eq!(handle(&mut venue, &request, NOW).status, 401);
    request.api_key = Some("the-key".to_owned());
    let response = handle(&mut venue, &request, NOW);
    let value: Value = serde_json::from_str(&response.body).unwrap();
    let key = value["listenKey"].as_str().unwrap();
    assert_eq!(key.len(), 64);
    assert!(venue.session.is_listen_key(key, NOW + LISTEN_KEY_MS - 1));
    assert!(!venue.session.is_listen_key(key, NOW + LISTEN_KEY_MS));
}

#[test]
fn credentials_print_nothing() {
    let credentials = Credentials::new("the-key").unwrap().with_secret(SECRET);
    let text = format!("{credentials:?}");
    assert!(!text.contains("the-key") && !text.contains(SECRET));
}

/// A public key and a signature over the documented payload; the private half is gone.
const RSA_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuzOXDI7lC4Qi8dGdc9Jx
lGFEmTxf9iAoGhHqwRHg+JgXwOXVe9LBaPWHc93jzqxo5BRKzxXnm4yGpRF1biZq
sVYz0U5LoHSFi0wL7hDCRrkJBTHlA4U47aAOrkROjvoIds4IKb/uSw/tTGRvjXWc
BOnr+FJxWdvFxKkQ+eWjCWBXpguHPzfLCMBHCxsAWqEuDoXH6HYiyLhCU8xB4b+N
a5SquwVekrA98Onkto1iP9mb3xA7zKreMxRUrL0jIMb3KPsFwh6icFD0oqUa/bFQ
xSCkHhaLc2KBHMuqs5iIb+ab1Q9w9l1TqasHt8KGYiaYRxlmb58V1OrOPfsUl8fT
PwIDAQAB
-----END PUBLIC KEY-----";
const RSA_SIGNATURE: &str = concat!(
    "Z6IZWfbvNEydkSDypALUf7uLVxwpN60xR2FBNMkRiXjp7zXuSjD+IEBTt2MXyqkYAFIJUtaT",
    "byJBsbLXhRFyRvHy4ITeddqSQj33ixkeL+QoiUZz+bydxP/R+9Zr47z7Yr/QQH4us1sxnDRE",
    "gEm/4V9odaCzXx9m/LI/+07cMbs6IlCodP4P2oi2OG6qhsFZ7YoPQMWrMRi0kQa7HmYs6l1m",
    "EjOpniRRQ3vnDe2g9Cr4ipXSgZ/r6t3Ur+9ec0R+IuLnthzKTeFL75cwsyP60ibOHa0I8gIS",
    "xDwpXtsR5e486wYZrUpq1KpmP9UxrWBN8gj294dvEGvWZS3PClxYzQ==",
);

#[test]
fn rsa_signatures_in_percent_encoded_base64_are_accepted() {
    let credentials = Credentials::new("the-key").unwrap();
    let credentials = credentials.with_rsa(RSA_KEY).unwrap();
    let mut venue = venue_with(VenueConfig {
        credentials: Some(credentials.clone()),
        ..VenueConfig::default()
    });
    let encoded = RSA_SIGNATURE
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let query = format!("{PAYLOAD}&signature={encoded}");
    let mut request = WireRequest::new("POST", ORDER, &query);
    request.api_key = Some("the-key".to_owned());
    let response = handle(&mut venue, &request, SENT_AT);
    assert_eq!(response.status, 200, "{}", response.body);
    assert!(!credentials.verifies(b"something else", RSA_SIGNATURE));
    for unusable in ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n"] {
        assert!(Credentials::new("k").unwrap().with_rsa(unusable).is_err());
    }
}
