//! Tags are put on and taken off.

use super::*;

#[test]
fn an_open_interaction_is_tagged_once() {
    given(owned_by_anna()).when(tag("VIP")).then_expect_events(vec![tagged("VIP")]);
    for same in ["VIP", "vip", " Vip "] {
        given(then(owned_by_anna(), [tagged("VIP")])).when(tag(same)).then_expect_events(vec![]);
    }
    given(then(owned_by_anna(), [tagged("VIP")])).when(tag("delivery")).then_expect_events(vec![tagged("delivery")]);
}

#[test]
fn a_tag_is_taken_off_as_it_was_put_on_and_may_be_put_on_again() {
    let off = then(owned_by_anna(), [tagged("delivery"), tagged("VIP"), untagged("VIP")]);
    given(then(owned_by_anna(), [tagged("VIP")])).when(untag("vip")).then_expect_events(vec![untagged("VIP")]);
    given(off.clone()).when(untag("vip")).then_expect_events(vec![]);
    given(off.clone()).when(tag("delivery")).then_expect_events(vec![]);
    given(off).when(tag("vip")).then_expect_events(vec![tagged("vip")]);
}

#[test]
fn tags_are_few_enough_to_read() {
    let many = then(owned_by_anna(), (1..=20).map(|n| tagged(&format!("tag {n}"))));
    given(many.clone()).when(tag("one more")).then_expect_error(Refusal::TooManyTags { max: 20 });
    given(many.clone()).when(tag("TAG 20")).then_expect_events(vec![]);
    given(then(many, [untagged("tag 3")])).when(tag("one more")).then_expect_events(vec![tagged("one more")]);
}

#[test]
fn what_has_ended_keeps_its_tags() {
    given(ended()).when(untag("vip")).then_expect_error(Refusal::NotOpen);
}

#[test]
fn a_tag_is_a_few_letters_on_one_line() {
    let longest = "ü".repeat(50);
    for good in ["vip", "  vip  ", "Rückerstattung", "2. Mahnung", "🚚", &longest] {
        assert_eq!(Tag::parse(good).unwrap().as_str(), good.trim());
    }
    for bad in ["", "  ", "two\nlines", "a\u{0}b", &format!("{longest}x")] {
        assert_eq!(Tag::parse(bad), None, "{bad:?}");
    }
}

fn untag(typed: &str) -> Command {
    Command::Untag { tag: Tag::parse(typed).unwrap(), by: ANNA }
}

fn untagged(typed: &str) -> Event {
    Event::Untagged { tag: Tag::parse(typed).unwrap(), by: ANNA, at: NOON }
}
