//! The laws of an agent: one writer owns the capacity, so it cannot be exceeded.

use std::collections::BTreeSet;

use gatehouse_domain::agent::{Agent, Capacity, Command, Event, OfflineCause, Presence};
use gatehouse_domain::{Channel, ConversationId, HoldId, Rules};

use super::*;

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_history_replays_to_the_same_state(steps in histories()) {
        replays(&run::<Agent>(steps, as_asked));
    }

    #[test]
    fn a_refused_command_changes_nothing_and_no_command_has_a_second_effect(steps in histories()) {
        let outcomes = run::<Agent>(steps, as_asked);
        decides_once_and_for_all(&outcomes);
        has_no_second_effect(&outcomes, |_| false);
    }

    #[test]
    fn no_slot_is_held_beyond_the_capacity_of_that_moment(steps in histories()) {
        for outcome in run::<Agent>(steps, as_asked) {
            let [Event::SlotHeld { channel, .. }] = outcome.events() else { continue };
            let agent = &outcome.after;
            let on_channel = agent.holds.values().filter(|hold| hold.channel == *channel).count();
            assert!(agent.holds.len() <= agent.capacity.total as usize);
            assert!(agent.capacity.per_channel.get(channel).is_none_or(|limit| on_channel <= *limit as usize));
            assert_eq!(agent.presence, Presence::Online);
            assert!(!agent.sockets.is_empty());
        }
    }

    #[test]
    fn no_slot_is_lost_or_taken_twice(steps in histories()) {
        let mut held = BTreeSet::new();
        for outcome in run::<Agent>(steps, as_asked) {
            for event in outcome.events() {
                match event {
                    Event::SlotHeld { hold, .. } => assert!(held.insert(*hold), "{hold} taken twice"),
                    Event::SlotReleased { hold, .. } => assert!(held.remove(hold), "{hold} was not taken"),
                    _ => {}
                }
            }
            let conversations: BTreeSet<_> = outcome.after.holds.values().map(|hold| hold.conversation).collect();
            assert_eq!(conversations.len(), held.len(), "one slot per conversation");
            assert_eq!(outcome.after.holds.keys().copied().collect::<BTreeSet<_>>(), held);
        }
    }

    #[test]
    fn events_in_any_order_fold(
        mixed in prop::collection::vec(histories(), 1..4).prop_flat_map(|histories| {
            let all: Vec<Event> = histories.into_iter().flat_map(|steps| history(&run::<Agent>(steps, as_asked))).collect();
            let count = all.len();
            prop::sample::subsequence(all, 0..=count).prop_shuffle()
        }),
        asked in histories(),
    ) {
        let left = fold(Agent::default(), mixed);
        for Step { command, .. } in asked {
            let events = left.decide(command, NOON).unwrap_or_default();
            fold(left.clone(), events);
        }
    }
}

#[test]
fn histories_are_worth_their_while() {
    let (share, events) = share_accepted::<Agent>(histories(), as_asked);
    let told: BTreeSet<&str> = events.iter().map(Event::name).collect();
    assert_eq!(told, Event::NAMES.iter().copied().collect());
    assert!(share > 0.4, "only {share:.2} of the commands had an effect");
}

fn as_asked(_: &Agent, command: Command) -> Command {
    command
}

/// An agent is added first; what follows is whatever may be asked.
fn histories() -> impl Strategy<Value = Vec<Step<Command>>> {
    steps(commands(), 1..60).prop_map(|mut steps| {
        steps[0].command = Command::Add { name: "Anna".to_owned() };
        steps
    })
}

fn commands() -> BoxedStrategy<Command> {
    let channel = || prop_oneof![Just(Channel::Whatsapp), Just(Channel::Email)];
    let holds = || few::<HoldId>(0x80, 5);
    let socket = || few::<Uuid>(0xD0, 2);
    let skill = || prop_oneof![Just("polish".to_owned()), Just("billing".to_owned())];
    let cause = prop_oneof![Just(OfflineCause::Chosen), Just(OfflineCause::Disconnected)];
    let capacity = (0_u32..5, prop::collection::btree_map(channel(), 0_u32..3, 0..2));
    prop_oneof![
        1 => Just(Command::Add { name: "Anna".to_owned() }),
        6 => Just(Command::GoOnline),
        1 => prop::option::of(Just("lunch".to_owned())).prop_map(|reason| Command::TakeBreak { reason }),
        1 => cause.prop_map(|cause| Command::GoOffline { cause }),
        4 => socket().prop_map(|socket| Command::Connect { socket }),
        1 => socket().prop_map(|socket| Command::Disconnect { socket }),
        4 => capacity.prop_map(|(total, per_channel)| Command::SetCapacity { capacity: Capacity { total, per_channel } }),
        1 => skill().prop_map(|skill| Command::GrantSkill { skill }),
        1 => skill().prop_map(|skill| Command::RevokeSkill { skill }),
        12 => (holds(), few::<ConversationId>(0xC0, 6), channel())
            .prop_map(|(hold, conversation, channel)| Command::HoldSlot { hold, conversation, channel }),
        4 => holds().prop_map(|hold| Command::ReleaseSlot { hold }),
        1 => Just(Command::MarkNotResponding),
    ]
    .boxed()
}
