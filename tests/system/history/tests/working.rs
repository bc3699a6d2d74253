//! Histories in which what agents do with one another's work goes wrong: transfers, ends, and what is taken up again.

use serde_json::{Value, json};

use super::super::{Broken, Deed, Evidence, Happened, judge};
use super::{breaks, good, happens, tells};

#[test]
fn a_transfer_ends_in_exactly_one_way() {
    let ask = json!({"transfer": "t1", "to": "bert"});
    for endings in [&["transfer_declined", "transfer_lapsed"][..], &["transfer_withdrawn", "transfer_withdrawn"]] {
        let mut history = good();
        for name in [&["transfer_requested"], endings].concat() {
            tells(&mut history, "c1", name, ask.clone(), json!({"kind": "moment"}));
        }
        breaks(&history, Broken::Undecided);
    }
    let mut forgotten = good();
    for name in ["transfer_requested", "assigned"] {
        let fact = json!({"transfer": "t1", "to": "bert", "agent": "anna"});
        tells(&mut forgotten, "c1", name, fact, json!({"kind": "moment"}));
    }
    breaks(&forgotten, Broken::Undecided);
}

#[test]
fn what_somebody_has_is_given_to_nobody_else() {
    let mut history = good();
    tells(&mut history, "c1", "assigned", json!({"agent": "bert", "how": {"is": "pull"}}), json!({"kind": "moment"}));
    breaks(&history, Broken::TwoOwners);
}

#[test]
fn what_an_agent_was_told_is_done_is_in_the_log_where_they_were_told() {
    let deed = |position| Deed { stream: "c1".to_owned(), leaves: "assigned", position };
    let mut history = good();
    let assigned = history.log.iter().find(|event| event.name == "assigned").unwrap().position;
    // It may have had a consequence at once.
    history.deeds = vec![deed(assigned), deed(assigned + 1)];
    assert_eq!(judge(&history), []);
    for elsewhere in [assigned - 1, history.head + 1] {
        history.deeds = vec![deed(elsewhere)];
        breaks(&history, Broken::Lost);
    }
}

#[test]
fn what_is_taken_up_again_goes_on_where_it_ended_with_whoever_took_it_up() {
    assert_eq!(judge(&taken_up_again(json!({}), "anna")), []);
    for (wrong, owner) in [
        (json!({"interaction": 3}), "anna"),
        (json!({"interaction": 1}), "anna"),
        (json!({"contact": "k2"}), "anna"),
        (json!({"opening": {"is": "retaken", "from": 7, "agent": "anna"}}), "anna"),
        (json!({}), "bert"),
    ] {
        breaks(&taken_up_again(wrong, owner), Broken::Discontinued);
    }
}

#[test]
fn nothing_begins_before_what_was_before_has_ended() {
    let mut history = good();
    let opened = json!({"interaction": 2, "contact": "k1", "opening": {"is": "received"}});
    tells(&mut history, "c1", "interaction_opened", opened, json!({"kind": "moment"}));
    breaks(&history, Broken::Discontinued);
}

#[test]
fn an_answer_belongs_to_what_is_open() {
    let mut history = good();
    let late = json!({"message": "r2", "interaction": 2});
    tells(&mut history, "c1", "reply_queued", late, json!({"kind": "message"}));
    breaks(&history, Broken::Discontinued);
}

#[test]
fn a_break_counts_where_something_is_offered() {
    let counted = |offered: bool| {
        let mut history = good();
        let offers = json!({"offers": if offered { json!([{"offer": "o1", "agent": "anna"}]) } else { json!([]) }});
        happens(&mut history, "conversation", "c2", "offered", offers);
        happens(&mut history, "agent", "anna", "took_break", json!({}));
        Happened::in_log(&history.log).to_string()
    };
    assert!(counted(true).contains("1 break_while_offered"));
    assert!(counted(false).contains("0 break_while_offered"));
}

/// Anna ends Clara's interaction and takes it up again; the new one begins differently by `wrong`, and is `owner`'s.
fn taken_up_again(wrong: Value, owner: &str) -> Evidence {
    let mut history = good();
    let opening = json!({"is": "retaken", "from": 1, "agent": "anna"});
    let mut opened = json!({"interaction": 2, "contact": "k1", "opening": opening});
    opened.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
    let assigned = json!({"agent": owner, "how": {"is": "retake"}});
    for (name, fact) in
        [("interaction_ended", json!({"interaction": 1})), ("interaction_opened", opened), ("assigned", assigned)]
    {
        tells(&mut history, "c1", name, fact, json!({"kind": "moment"}));
    }
    history
}
