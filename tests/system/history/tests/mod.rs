//! Small histories: a good one, and for each promise one that breaks it.

mod working;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Broken, Call, Event, Evidence, Message, Reply, Witness, judge};

#[test]
fn a_history_that_keeps_every_promise_is_good() {
    assert_eq!(judge(&good()), []);
}

#[test]
fn what_is_unknown_may_be_stored_once_or_not_at_all() {
    let mut history = good();
    history.messages[0].call.answer = Answer::Unknown;
    history.replies[0].call.answer = Answer::Unknown;
    history.messages.push(message("never arrived", 50, Answer::Unknown));
    assert_eq!(judge(&history), []);
}

#[test]
fn an_acknowledged_message_that_is_nowhere_is_lost() {
    let mut history = good();
    history.messages.push(message("acknowledged", 50, acknowledged(51)));
    breaks(&history, Broken::Lost);
}

#[test]
fn a_message_that_only_a_desk_was_told_of_is_lost() {
    let mut history = good();
    history.messages.push(message("told too early", 50, acknowledged(51)));
    let told = json!({"sequence": 9, "message": "m9", "direction": "inbound", "content": {"text": "told too early"}});
    lines(&mut history, 1).push(told);
    breaks(&history, Broken::Lost);
}

#[test]
fn a_message_stored_twice_is_doubled_whether_acknowledged_or_not() {
    for answer in [acknowledged(3), Answer::Unknown] {
        let mut history = good();
        history.messages[0].call.answer = answer;
        happens(&mut history, "conversation", "c1", "message_received", json!({"message": "m1", "at": "t"}));
        breaks(&history, Broken::Doubled);
    }
}

#[test]
fn the_same_words_under_two_ids_are_doubled() {
    let mut history = good();
    says(&mut history, "c1", "m1-again", "hello");
    breaks(&history, Broken::Doubled);
}

#[test]
fn words_nobody_wrote_are_invented() {
    let mut history = good();
    says(&mut history, "c1", "m9", "nobody wrote this");
    breaks(&history, Broken::Invented);
}

#[test]
fn what_was_sent_after_an_acknowledgement_stands_after_it() {
    let mut history = good();
    for (id, words) in [("m2", "second"), ("m3", "third")] {
        says(&mut history, "c1", id, words);
    }
    let (early, late) = (message("third", 20, acknowledged(21)), message("second", 22, acknowledged(23)));
    history.messages.extend([early, late]);
    breaks(&history, Broken::Disordered);
    // At the same time, either may be first.
    history.messages.iter_mut().for_each(|message| message.call.invoked = 0);
    assert_eq!(judge(&history), []);
}

#[test]
fn a_missing_position_or_sequence_is_a_gap() {
    let mut missing = good();
    missing.log.remove(3);
    breaks(&missing, Broken::Gap);
    let mut sequence = good();
    sequence.log.last_mut().unwrap().sequence += 1;
    breaks(&sequence, Broken::Gap);
    let mut head = good();
    head.head += 1;
    breaks(&head, Broken::Gap);
}

#[test]
fn a_witness_that_misses_a_line_or_tells_another_disagrees() {
    for witness in 0..2 {
        let mut misses = good();
        lines(&mut misses, witness).remove(1);
        breaks(&misses, Broken::Disagreement);
        let mut swaps = good();
        lines(&mut swaps, witness).swap(0, 1);
        breaks(&swaps, Broken::Disagreement);
        let mut differs = good();
        lines(&mut differs, witness)[4]["status"] = json!("failed");
        breaks(&differs, Broken::Disagreement);
    }
}

#[test]
fn a_witness_of_the_newest_lines_need_not_tell_the_others() {
    let mut history = good();
    history.witnesses[0].lines_max = Some(2);
    let told = lines(&mut history, 0);
    told.drain(..told.len() - 2);
    assert_eq!(judge(&history), []);
    lines(&mut history, 0).remove(0);
    breaks(&history, Broken::Disagreement);
}

#[test]
fn a_state_that_is_not_the_logs_disagrees() {
    let mut version = good();
    standing(&mut version)["version"] = json!(3);
    breaks(&version, Broken::Disagreement);
    let mut owner = good();
    standing(&mut owner)["owner"] = json!({"is": "queue"});
    breaks(&owner, Broken::Disagreement);
    let mut words = good();
    standing(&mut words)["last"] = json!("something else");
    breaks(&words, Broken::Disagreement);
    let mut missing = good();
    missing.witnesses[0].standing.clear();
    breaks(&missing, Broken::Disagreement);
    let mut agent = good();
    agent.witnesses[1].agents.as_mut().unwrap().get_mut("anna").unwrap()["presence"] = json!("online");
    breaks(&agent, Broken::Disagreement);
}

#[test]
fn a_reply_the_provider_got_twice_was_sent_twice() {
    let mut history = good();
    history.accepted.push("c1.r1".to_owned());
    breaks(&history, Broken::SentTwice);
}

#[test]
fn an_acknowledged_reply_that_is_nowhere_is_lost() {
    let mut history = good();
    history.replies.push(Reply { id: "r9".to_owned(), ..history.replies[0].clone() });
    breaks(&history, Broken::Lost);
}

#[test]
fn a_reply_stands_where_its_acknowledgement_says() {
    let mut history = good();
    history.replies[0].call.answer = Answer::Acknowledged { at: 9, position: Some(3) };
    breaks(&history, Broken::Disagreement);
}

#[test]
fn a_refused_reply_is_not_stored() {
    let mut history = good();
    history.replies[0].call.answer = Answer::Refused;
    breaks(&history, Broken::Invented);
}

#[test]
fn a_reply_never_sent_has_to_be_visibly_indeterminate_or_failed() {
    let mut silent = good();
    silent.accepted.clear();
    forget(&mut silent, "reply_submitted");
    breaks(&silent, Broken::Unsettled);
    for (name, status) in [("reply_indeterminate", "indeterminate"), ("reply_failed", "failed")] {
        let mut told = silent.clone();
        tells(&mut told, "c1", name, json!({"message": "r1"}), json!({"kind": "status", "status": status}));
        assert_eq!(judge(&told), []);
    }
}

#[test]
fn a_reply_told_as_sent_that_the_provider_never_had_is_unsettled() {
    let mut history = good();
    history.accepted.clear();
    breaks(&history, Broken::Unsettled);
}

#[test]
fn what_waits_behind_an_indeterminate_reply_is_not_sent() {
    let mut history = good();
    history.accepted.clear();
    forget(&mut history, "reply_submitted");
    tells(&mut history, "c1", "reply_indeterminate", json!({"message": "r1"}), json!({"kind": "status"}));
    tells(&mut history, "c1", "reply_queued", json!({"message": "r2", "interaction": 1}), json!({"kind": "message"}));
    assert_eq!(judge(&history), []);
}

#[test]
fn an_open_interaction_has_somebody() {
    let mut history = good();
    let opened = json!({"interaction": 1, "contact": "k2", "opening": {"is": "received"}});
    tells(&mut history, "c2", "interaction_opened", opened, json!({"kind": "moment"}));
    breaks(&history, Broken::Unowned);
}

#[test]
fn a_slot_is_held_for_something() {
    let mut history = good();
    happens(&mut history, "agent", "anna", "slot_held", json!({"hold": "h9", "conversation": "c9"}));
    breaks(&history, Broken::Unowned);
}

#[test]
fn nobody_is_above_capacity_at_any_time() {
    let mut history = good();
    for hold in ["h8", "h9"] {
        happens(&mut history, "agent", "anna", "slot_held", json!({"hold": hold, "conversation": "c9"}));
    }
    for hold in ["h8", "h9"] {
        happens(&mut history, "agent", "anna", "slot_released", json!({"hold": hold}));
    }
    assert_eq!(broken(&history), [Broken::AboveCapacity]);
}

#[test]
fn a_panic_is_no_promise_kept() {
    let mut history = good();
    history.output = "INFO listening\nthread 'main' panicked at src/lib.rs:1:1\n".to_owned();
    breaks(&history, Broken::Panicked);
}

/// Clara says hello, Anna accepts and answers, and REST and a desk tell the same of it.
fn good() -> Evidence {
    let witnesses = ["REST", "a desk"];
    let witness = |name: &str| Witness { name: name.to_owned(), lines: Some(BTreeMap::new()), ..Witness::default() };
    let mut history = Evidence { witnesses: witnesses.map(witness).into(), ..Evidence::default() };
    happens(&mut history, "agent", "anna", "capacity_set", json!({"capacity": {"total": 2}}));
    happens(&mut history, "contact", "k1", "met", json!({}));
    let opened = json!({"interaction": 1, "contact": "k1", "opening": {"is": "received"}});
    tells(&mut history, "c1", "interaction_opened", opened, json!({"kind": "moment"}));
    tells(&mut history, "c1", "queued", json!({}), json!({"kind": "moment"}));
    says(&mut history, "c1", "m1", "hello");
    happens(&mut history, "agent", "anna", "slot_held", json!({"hold": "h1", "conversation": "c1"}));
    tells(&mut history, "c1", "assigned", json!({"agent": "anna"}), json!({"kind": "moment"}));
    tells(&mut history, "c1", "reply_queued", json!({"message": "r1", "interaction": 1}), json!({"kind": "message"}));
    let replied = history.head;
    tells(&mut history, "c1", "reply_submitted", json!({"message": "r1"}), json!({"kind": "status"}));
    for witness in &mut history.witnesses {
        let owner = json!({"is": "agent", "agent": "anna"});
        witness.standing.insert("c1".to_owned(), json!({"version": 6, "owner": owner, "last": "hello back"}));
        witness.agents = Some([("anna".to_owned(), json!({"in_use": 1, "capacity": 2}))].into());
    }
    history.messages = vec![message("hello", 1, acknowledged(2))];
    let call = Call { invoked: 5, answer: Answer::Acknowledged { at: 6, position: Some(replied) } };
    history.replies = vec![Reply { id: "r1".to_owned(), conversation: "c1".to_owned(), call }];
    history.accepted = vec!["c1.r1".to_owned()];
    history
}

fn message(words: &str, invoked: u64, answer: Answer) -> Message {
    Message { words: words.to_owned(), call: Call { invoked, answer } }
}

fn acknowledged(at: u64) -> Answer {
    Answer::Acknowledged { at, position: None }
}

/// The log goes on by one event.
fn happens(history: &mut Evidence, kind: &str, stream: &str, name: &str, mut fact: Value) {
    let of_stream = history.log.iter().filter(|event| event.kind == kind && event.stream == stream);
    let sequence = of_stream.count() as u64 + 1;
    history.head += 1;
    fact["at"] = json!(format!("moment {}", history.head));
    let [kind, stream, name] = [kind, stream, name].map(str::to_owned);
    history.log.push(Event { position: history.head, kind, stream, sequence, name, fact });
}

/// The same, and every witness tells of it; where a conversation stands, they know that it has gone on.
fn tells(history: &mut Evidence, conversation: &str, name: &str, fact: Value, mut told: Value) {
    happens(history, "conversation", conversation, name, fact);
    let event = history.log.last().unwrap();
    (told["sequence"], told["at"]) = (json!(event.sequence), event.fact["at"].clone());
    for witness in &mut history.witnesses {
        let lines = witness.lines.as_mut().unwrap().entry(conversation.to_owned()).or_default();
        lines.push(told.clone());
        if let Some(summary) = witness.standing.get_mut(conversation) {
            summary["version"] = told["sequence"].clone();
        }
    }
}

fn says(history: &mut Evidence, conversation: &str, id: &str, words: &str) {
    let told = json!({"kind": "message", "direction": "inbound", "message": id, "content": {"text": words}});
    tells(history, conversation, "message_received", json!({"message": id}), told);
}

/// The newest event of this name never happened, and nobody tells of it.
fn forget(history: &mut Evidence, name: &str) {
    assert_eq!(history.log.pop().unwrap().name, name);
    history.head -= 1;
    for witness in 0..2 {
        lines(history, witness).pop();
    }
    for witness in &mut history.witnesses {
        witness.standing.get_mut("c1").unwrap()["version"] = json!(5);
    }
}

fn lines(history: &mut Evidence, witness: usize) -> &mut Vec<Value> {
    history.witnesses[witness].lines.as_mut().unwrap().get_mut("c1").unwrap()
}

fn standing(history: &mut Evidence) -> &mut Value {
    history.witnesses[1].standing.get_mut("c1").unwrap()
}

fn broken(history: &Evidence) -> Vec<Broken> {
    let mut broken: Vec<Broken> = judge(history).into_iter().map(|one| one.broken).collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

#[track_caller]
fn breaks(history: &Evidence, expected: Broken) {
    assert!(broken(history).contains(&expected), "{expected:?} is not among {:#?}", judge(history));
}
