//! What is asked in the words of an address line: what is understood, and what is refused and how.

use gatehouse_domain::end_reason;
use gatehouse_domain::{Fact, Kind, Recorded, StreamId};

use super::*;

const SOLVED: Uuid = Uuid::from_u128(0x51);
const CONVERSATION: Uuid = Uuid::from_u128(0xC1);
const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

fn parsed(query: &HistoryQuery) -> Result<Asked, Vec<(&'static str, String)>> {
    let mut setup = Setup::default();
    let added = end_reason::Event::EndReasonAdded { name: "solved".to_owned(), at: NOON };
    let stream = StreamId { kind: Kind::EndReason, id: SOLVED };
    setup.fold(&Recorded { position: 1, stream, sequence: 1, recorded_at: NOON, fact: Fact::EndReason(added) });
    Asked::parse(query, &setup).map_err(|problem| {
        assert_eq!((problem.status, problem.code), (422, "invalid"));
        problem.fields.iter().map(|one| (one.field, one.message.clone())).collect()
    })
}

fn asked(query: HistoryQuery) -> Asked {
    parsed(&query).unwrap()
}

fn refused(query: HistoryQuery) -> Vec<(&'static str, String)> {
    parsed(&query).unwrap_err()
}

fn of(name: &str, value: &str) -> HistoryQuery {
    let (mut query, value) = (HistoryQuery::default(), Some(value.to_owned()));
    match name {
        "text" => query.text = value,
        "contact" => query.contact = value,
        "agent" => query.agent = value,
        "channel" => query.channel = value,
        "inbox" => query.inbox = value,
        "tag" => query.tag = value,
        "reason" => query.reason = value,
        "from" => query.from = value,
        "to" => query.to = value,
        "cursor" => query.cursor = value,
        "limit" => query.limit = value,
        other => panic!("{other} cannot be asked"),
    }
    query
}

fn like(contact: &str) -> (Vec<String>, Vec<Word>) {
    match asked(of("contact", contact)).contact {
        Some(Who::Like { addresses, name }) => (addresses, name),
        other => panic!("{contact}: {other:?}"),
    }
}

#[test]
fn nothing_asked_is_everything_fifty_at_a_time() {
    assert_eq!(asked(HistoryQuery::default()), Asked { limit: 50, ..Asked::default() });
}

#[test]
fn every_mistake_is_named_at_once() {
    let wrong = HistoryQuery {
        text: Some("...".to_owned()),
        contact: Some("  ".to_owned()),
        agent: Some("anna".to_owned()),
        channel: Some("pigeon".to_owned()),
        inbox: Some(CONVERSATION.to_string()),
        tag: Some(" ".to_owned()),
        reason: Some(CONVERSATION.to_string()),
        from: Some("yesterday".to_owned()),
        to: Some("2026-11-01".to_owned()),
        cursor: Some("first".to_owned()),
        limit: Some("many".to_owned()),
        at_least: None,
    };
    let told = refused(wrong);
    let fields = ["contact", "text", "agent", "inbox", "reason", "channel", "tag", "from", "to", "cursor", "limit"];
    let mut named: Vec<&str> = told.iter().map(|(field, _)| *field).collect();
    named.sort_unstable();
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    assert_eq!(named, fields, "{told:?}");
    assert!(told.contains(&("from", "is no time, as 2026-11-01T00:00:00Z".to_owned())), "{told:?}");
}

#[test]
fn times_are_those_of_their_zone() {
    let midnight = DateTime::from_timestamp(1_793_487_600, 0).unwrap();
    for typed in ["2026-11-01T00:00:00+01:00", "2026-10-31T23:00:00Z", "2026-10-31T19:00:00.000-04:00"] {
        assert_eq!(asked(of("from", typed)).from, Some(midnight), "{typed}");
    }
    for typed in ["2026-11-01", "2026-11-01T00:00:00", "2026-02-30T00:00:00Z", "1793487600", ""] {
        assert_eq!(refused(of("to", typed))[0].0, "to", "{typed}: where it is, nobody knows");
    }
    // The hour that comes twice when clocks are set back.
    let hour =
        HistoryQuery { to: Some("2026-10-25T02:30:00+01:00".to_owned()), ..of("from", "2026-10-25T02:30:00+02:00") };
    assert!(parsed(&hour).is_ok());
    for (from, to) in
        [("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"), ("2026-11-01T00:00:00Z", "2026-11-01T00:30:00+01:00")]
    {
        let query = HistoryQuery { to: Some(to.to_owned()), ..of("from", from) };
        assert_eq!(refused(query), [("to", "is not after from".to_owned())]);
    }
}

#[test]
fn a_cursor_goes_on_with_the_search_it_is_of_and_no_other() {
    let said = After::Said { position: 4_711 };
    let opened = After::Opened { at: NOON, conversation: CONVERSATION, interaction: 2 };
    let searching = |cursor: String| HistoryQuery { text: Some("parcel".to_owned()), ..of("cursor", &cursor) };
    assert_eq!(asked(searching(said.to_string())).after, Some(said));
    assert_eq!(asked(of("cursor", &opened.to_string())).after, Some(opened));
    let of_none = [("cursor", "is of no page of this search".to_owned())];
    assert_eq!(refused(searching(opened.to_string())), of_none);
    assert_eq!(refused(of("cursor", &said.to_string())), of_none);
    for garbage in ["", "_", "1_2", "1_2_3", "1_2_3_4", "'; DROP TABLE messages", "9999999999999999999999"] {
        assert_eq!(refused(of("cursor", garbage)), of_none, "{garbage}");
        assert_eq!(refused(searching(garbage.to_owned())), of_none, "{garbage}");
    }
}

#[test]
fn words_are_looked_for_whole_or_as_they_begin() {
    assert_eq!(asked(of("text", " Café,  ORDER-4711 ")).words, Word::all("cafe order 4711", false));
    let begun = asked(of("text", "parc* order-47* *")).words;
    let [parc, order, number] = &begun[..] else { panic!("{begun:?}") };
    assert!(parc.is("Parcels") && order.is("order") && !order.is("orders") && number.is("4711"));
    assert_eq!(refused(of("text", "o*")), [("text", "has fewer than 2 letters before *".to_owned())]);
    assert_eq!(refused(of("text", "* !")), [("text", "has no word to look for".to_owned())]);
    assert_eq!(refused(of("text", "a b c d e f g h i j k")), [("text", "has more than 10 words".to_owned())]);
    assert_eq!(refused(of("text", &"ab ".repeat(67))), [("text", "is longer than 200 characters".to_owned())]);
    assert!(asked(of("text", &"ü".repeat(200))).words.len() == 1, "characters, not bytes");
}

#[test]
fn a_contact_is_an_id_a_number_however_typed_or_a_name() {
    assert_eq!(asked(of("contact", &format!(" {CONVERSATION} "))).contact, Some(Who::Id(CONVERSATION)));
    for typed in ["+49 151 1234-5678", "(0049) 151/12345678", "+49\u{a0}151.12345678"] {
        let (addresses, name) = like(typed);
        assert!(addresses.contains(&"4915112345678".to_owned()) && name.is_empty(), "{typed}: {addresses:?}");
    }
    // Too short for a number, and somebody may be called so.
    assert_eq!(like("4711").1, Word::all("4711", true));
    let (addresses, name) = like("Clara@Example.org");
    assert_eq!(addresses, ["Clara@Example.org", "clara@example.org"]);
    assert!(name[0].is("Clarabella"));
    assert_eq!(refused(of("contact", "+-")), [("contact", "has no letter or digit".to_owned())]);
    assert_eq!(refused(of("contact", &"x".repeat(201))), [("contact", "is longer than 200 characters".to_owned())]);
}

#[test]
fn what_is_named_has_to_be_there() {
    assert_eq!(asked(of("reason", &SOLVED.to_string())).reason, Some(EndReasonId(SOLVED)));
    for field in ["agent", "inbox", "reason"] {
        assert_eq!(refused(of(field, &CONVERSATION.to_string())), [(field, "is not known".to_owned())]);
    }
    assert_eq!(asked(of("channel", "whatsapp")).channel, Some(Channel::Whatsapp));
    assert_eq!((asked(of("limit", "1")).limit, asked(of("limit", "200")).limit), (1, 200));
    for limit in ["0", "201", "-1", "1.5", ""] {
        assert_eq!(refused(of("limit", limit)), [("limit", "is none from 1 to 200".to_owned())]);
    }
}
