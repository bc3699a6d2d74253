//! The laws of promises about time.

use std::collections::BTreeSet;

use gatehouse_domain::conversation::{Conversation, Due, Event};

use super::conversation::{aimed, histories};
use super::*;

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn a_promise_is_broken_once_and_only_after_its_time_and_no_late_answer_hides_it(steps in histories()) {
        let mut told = BTreeSet::new();
        for outcome in run::<Conversation>(steps, aimed) {
            for event in outcome.events() {
                if let Event::SlaBreached { clock, due, at } = event {
                    assert!(due <= at && told.insert((*clock, *due, outcome.before.last_interaction)));
                }
            }
            let running = outcome.before.promise.due().filter(|due| !due.breached && due.at <= outcome.now);
            if let Some(Due { clock, at: due, .. }) = running {
                let kept_on = outcome.after.promise.due() == outcome.before.promise.due();
                let broken = Event::SlaBreached { clock, due, at: outcome.now };
                assert!(kept_on || outcome.events().first() == Some(&broken), "{:?}", outcome.command);
            }
        }
    }
}
