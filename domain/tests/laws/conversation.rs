//! The laws of a conversation, and the commands its histories are made of.

use std::collections::{BTreeMap, BTreeSet};

use gatehouse_domain::conversation::{
    Allowance, AttachmentOutcome, Author, Command, Content, Conversation, Delivery, Event, HowAssigned, Inbound,
    InboundWords, OfferTo, Owner, Phase, Refusal, Resolution, Route, Sending, SlaClock, Tag, Template, Transfer,
    Window,
};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{
    Address, AddressKind, AgentId, Channel, ContactId, EndReasonId, FlowId, GatewayId, HoldId, InboxId, MessageId,
    OfferId, Rules, TransferId,
};

use super::*;

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_history_replays_to_the_same_state(steps in histories()) {
        replays(&run(steps, aimed));
    }

    #[test]
    fn any_history_survives_the_erasure_of_its_words(steps in histories()) {
        survives_erasure::<Conversation>(&history(&run(steps, aimed)));
    }

    #[test]
    fn a_state_holds_words_only_of_whom_it_names(steps in histories()) {
        holds_words_only_of_whom_it_names::<Conversation>(&run(steps, aimed));
    }

    #[test]
    fn a_refused_command_changes_nothing(steps in histories()) {
        decides_once_and_for_all::<Conversation>(&run(steps, aimed));
    }

    #[test]
    fn a_command_that_had_its_effect_has_no_second_one(steps in histories()) {
        has_no_second_effect(&run(steps, aimed), remembers_nothing);
    }

    #[test]
    fn a_message_is_kept_once_and_no_attempt_follows_one_in_doubt(steps in histories()) {
        sends_and_keeps_once(&history(&run(steps, aimed)));
    }

    #[test]
    fn what_the_customer_does_is_refused_only_where_somebody_was_erased(steps in histories()) {
        for outcome in run(steps, aimed) {
            let refusal = outcome.decided.as_ref().err();
            if refusal == Some(&Refusal::Erased) {
                assert_eq!(outcome.before.phase, Phase::Erased);
                continue;
            }
            if refusal == Some(&Refusal::OtherContact) {
                continue;
            }
            let theirs = matches!(
                outcome.command,
                Command::Receive { .. } | Command::ReceiveEdit { .. } | Command::ReceiveRevoke { .. }
                    | Command::ReceiveReaction { .. } | Command::ReceiveEcho { .. }
                    | Command::RecordAddressChange { .. } | Command::RecordDelivery { .. }
            );
            assert!(!theirs || outcome.decided.is_ok(), "{:?}: {:?}", outcome.command, outcome.decided);
        }
    }

    #[test]
    fn nothing_but_news_of_our_messages_follows_an_erasure(before in histories(), after in histories()) {
        let erase = Step { after: TimeDelta::zero(), looked: false, command: Command::Erase, otherwise: Command::Erase };
        let steps = before.into_iter().chain([erase]).chain(after).collect();
        let events = history(&run::<Conversation>(steps, aimed));
        let after = events.iter().skip_while(|event| !matches!(event, Event::Erased { .. })).skip(1);
        for event in after {
            assert!(event.name().starts_with("reply_") && !matches!(event, Event::ReplyQueued { .. }), "{event:?}");
        }
    }

    #[test]
    fn a_conversation_speaks_of_one_contact(steps in histories()) {
        let events = history(&run::<Conversation>(steps, aimed));
        let contacts: BTreeSet<ContactId> = events
            .iter()
            .filter_map(|event| match event {
                Event::InteractionOpened { contact, .. } => Some(*contact),
                _ => None,
            })
            .collect();
        assert!(contacts.len() <= 1, "{contacts:?}");
    }

    #[test]
    fn no_free_form_reply_is_queued_outside_the_window(steps in histories()) {
        for outcome in run::<Conversation>(steps, aimed) {
            if let Command::Reply { allowance: Allowance { reply_window: true, .. }, .. } = outcome.command
                && !outcome.events().is_empty()
            {
                assert!(matches!(outcome.before.window, Window::OpenUntil(until) if outcome.now < until));
            }
        }
    }

    #[test]
    fn events_in_any_order_fold_and_whatever_they_leave_can_be_asked(
        mixed in prop::collection::vec(histories(), 1..4).prop_flat_map(|histories| {
            let all = histories.into_iter().flat_map(|steps| history(&run::<Conversation>(steps, aimed)));
            let all: Vec<Event> = all.collect();
            let count = all.len();
            prop::sample::subsequence(all, 0..=count).prop_shuffle()
        }),
        asked in histories(),
    ) {
        let left = fold(Conversation::default(), mixed);
        for Step { command, .. } in asked {
            let command = aimed(&left, command);
            if let Ok(events) = left.decide(command, NOON) {
                fold(left.clone(), events);
            }
        }
        let snapshot = to_value(&left).expect("a state is written");
        assert_eq!(from_value::<Conversation>(snapshot).expect("a snapshot reads"), left);
    }
}

#[test]
fn histories_are_worth_their_while() {
    let (share, events) = share_accepted::<Conversation>(histories(), aimed);
    let told: BTreeSet<&str> = events.iter().map(Event::name).collect();
    let never: Vec<&&str> = Event::NAMES.iter().filter(|name| !told.contains(**name)).collect();
    assert_eq!(never, Vec::<&&str>::new(), "events no history leads to");
    assert!(share > 0.4, "only {share:.2} of the commands had an effect");
}

/// What is told again each time it is asked, because no rule remembers it; the log's claims keep repetitions out.
fn remembers_nothing(outcome: &Outcome<Conversation>) -> bool {
    match &outcome.command {
        Command::ReceiveEdit { .. }
        | Command::ReceiveRevoke { .. }
        | Command::ReceiveReaction { .. }
        | Command::AddNote { .. }
        | Command::RecordAttachment { .. } => true,
        Command::RecordDelivery { message, .. } => outcome.before.messages.outbound(*message).is_none(),
        _ => false,
    }
}

/// An independent recount: every message once; between two attempts of a message, news that allows the second.
fn sends_and_keeps_once(events: &[Event]) {
    let mut kept = BTreeSet::new();
    let mut in_doubt = BTreeMap::new();
    for event in events {
        match event {
            Event::MessageReceived { message, .. }
            | Event::MessageEchoed { message, .. }
            | Event::ReplyQueued { message, .. } => assert!(kept.insert(*message), "{message} twice"),
            Event::SendAttempted { message, attempt, .. } => {
                let before = in_doubt.insert(*message, (*attempt, true)).unwrap_or((0, false));
                assert_eq!(before, (attempt - 1, false), "attempts of {message}");
            }
            Event::SendDeferred { message, attempt, .. } => {
                in_doubt.insert(*message, (*attempt, false));
            }
            // Of the attempt under way; or, after a restore, of one that nobody remembers.
            Event::ReplyIndeterminate { message, attempt, .. } => {
                let (before, doubt) = in_doubt.insert(*message, (*attempt, true)).unwrap_or((0, false));
                assert_eq!(*attempt, if doubt { before } else { before + 1 }, "doubt about {message}");
            }
            Event::SendResolved { message, resolution: Resolution::Resend, .. } => {
                in_doubt.entry(*message).and_modify(|(_, doubt)| *doubt = false);
            }
            _ => {}
        }
    }
}

pub fn histories() -> impl Strategy<Value = Vec<Step<Command>>> {
    steps(commands(), 1..80)
}

/// What a caller asks who has just looked: of those who own it, of the offer that is open, of the attempt under way.
pub fn aimed(state: &Conversation, mut command: Command) -> Command {
    use Command as C;
    match &mut command {
        C::Assign { ownership, .. }
        | C::MoveToInbox { ownership, .. }
        | C::ReturnToInbox { ownership }
        | C::HandToFlow { ownership, .. }
        | C::EndFlow { ownership, .. } => *ownership = state.ownership,
        C::AcceptOffer { offer, agent } | C::DeclineOffer { offer, agent, .. } => {
            if let Some(open) = open_offer(state) {
                (*offer, *agent) = (open.offer, open.agent);
            }
        }
        C::LapseOffer { offer } | C::WithdrawOffer { offer } => {
            *offer = open_offer(state).map_or(*offer, |open| open.offer);
        }
        C::RequestTransfer { by, .. } | C::End { by, .. } => *by = state.owning_agent().unwrap_or(*by),
        C::AcceptTransfer { transfer, agent } | C::DeclineTransfer { transfer, agent, .. } => {
            if let Some(open) = open_transfer(state) {
                (*transfer, *agent) = (open.transfer, open.to);
            }
        }
        C::LapseTransfer { transfer, .. } | C::WithdrawTransfer { transfer, .. } => {
            *transfer = open_transfer(state).map_or(*transfer, |open| open.transfer);
        }
        C::Reply { author, .. } | C::SendTemplate { author, .. } => *author = owner(state).unwrap_or(*author),
        C::BeginSend { message, attempt }
        | C::DeferSend { message, attempt, .. }
        | C::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } } => {
            if let Some((unsettled, outbound)) = state.messages.unsettled().next() {
                (*message, *attempt) = (unsettled, next_attempt(&outbound.sending).unwrap_or(*attempt));
            }
        }
        C::DoubtSend { message } => {
            *message = state.messages.unsettled().next().map_or(*message, |(id, _)| id);
        }
        C::ResolveIndeterminate { message, .. } => {
            let in_doubt = |sending: &Sending| matches!(sending, Sending::Indeterminate { .. });
            let mut unsettled = state.messages.unsettled();
            *message = unsettled.find(|(_, one)| in_doubt(&one.sending)).map_or(*message, |(id, _)| id);
        }
        C::ExpireWindow { until } => {
            if let Window::OpenUntil(current) = state.window {
                *until = current;
            }
        }
        C::Receive { route, .. } | C::StartOutbound { route, .. } => {
            route.contact = state.party.map_or(route.contact, |party| party.contact);
        }
        C::BreachSla { clock, due } => {
            if let Some(running) = state.promise.due() {
                (*clock, *due) = (running.clock, running.at);
            }
        }
        C::CloseIdle { silent_since } => *silent_since = state.silent_since.unwrap_or(*silent_since),
        _ => {}
    }
    command
}

fn open_offer(state: &Conversation) -> Option<OfferTo> {
    match &state.open().ok()?.owner {
        Owner::Offered { offers, .. } => offers.first().copied(),
        Owner::Queue | Owner::Agent { .. } | Owner::Flow { .. } => None,
    }
}

fn open_transfer(state: &Conversation) -> Option<Transfer> {
    match state.open().ok()?.owner {
        Owner::Agent { transfer, .. } => transfer,
        Owner::Queue | Owner::Offered { .. } | Owner::Flow { .. } => None,
    }
}

fn owner(state: &Conversation) -> Option<Author> {
    match state.open().ok()?.owner {
        Owner::Agent { agent, .. } => Some(Author::Agent { agent }),
        Owner::Flow { flow } => Some(Author::Flow { flow }),
        Owner::Queue | Owner::Offered { .. } => None,
    }
}

fn next_attempt(sending: &Sending) -> Option<u32> {
    match sending {
        Sending::Queued { attempts } => Some(attempts + 1),
        Sending::Attempted { attempt } | Sending::Indeterminate { attempt } => Some(*attempt),
        Sending::Discarded | Sending::Reported(_) => None,
    }
}

fn commands() -> BoxedStrategy<Command> {
    let common = prop_oneof![4 => receiving(), 6 => offering(), 6 => transferring(), 3 => moving(), 8 => sending(), 3 => ending()];
    // Rare, because little happens afterwards.
    prop_oneof![1_000 => common, 1 => Just(Command::Erase)].boxed()
}

fn receiving() -> BoxedStrategy<Command> {
    let words = || InboundWords { provider_id: "wamid.A".to_owned(), text: Some("Hello?".to_owned()), original: None };
    let inbound = || {
        (few(0x30, 12), addresses(), 0_i64..30).prop_map(move |(message, addresses, hours)| Inbound {
            message,
            content: Content::Text,
            words: words(),
            sent_at: NOON + TimeDelta::hours(hours),
            addresses,
        })
    };
    prop_oneof![
        8 => (inbound(), route()).prop_map(|(message, route)| Command::Receive { message, route }),
        1 => inbound().prop_map(|message| Command::ReceiveEcho { message }),
        1 => messages().prop_map(move |message| Command::ReceiveEdit { message, words: words() }),
        1 => messages().prop_map(|message| Command::ReceiveRevoke { message }),
        1 => (messages(), prop::option::of(Just("👍".to_owned())))
            .prop_map(|(message, emoji)| Command::ReceiveReaction { message, emoji }),
        1 => address().prop_map(|address| Command::RecordAddressChange { address }),
        1 => messages().prop_map(|message| Command::RecordAttachment {
            message,
            attachment: 0,
            outcome: AttachmentOutcome::Stored { bytes: 48_213 },
        }),
    ]
    .boxed()
}

fn offering() -> BoxedStrategy<Command> {
    let one = || (offers(), holds()).prop_map(|(offer, hold)| OfferTo { offer, agent: asked(offer), hold });
    prop_oneof![
        6 => (prop::collection::vec(one(), 0..4), later())
            .prop_map(|(offers, until)| Command::Offer { offers, until, why: None }),
        4 => (offers(), agents()).prop_map(|(offer, agent)| Command::AcceptOffer { offer, agent }),
        2 => (offers(), agents()).prop_map(|(offer, agent)| Command::DeclineOffer { offer, agent, reason: None }),
        2 => offers().prop_map(|offer| Command::LapseOffer { offer }),
        1 => offers().prop_map(|offer| Command::WithdrawOffer { offer }),
    ]
    .boxed()
}

fn transferring() -> BoxedStrategy<Command> {
    let transfers = || few::<TransferId>(0x70, 2);
    let request = (transfers(), agents(), agents(), holds(), later()).prop_map(|(transfer, by, to, hold, until)| {
        Command::RequestTransfer { transfer, by, to, hold, note: "please".to_owned(), until, why: None }
    });
    prop_oneof![
        6 => request,
        3 => (transfers(), agents()).prop_map(|(transfer, agent)| Command::AcceptTransfer { transfer, agent }),
        2 => (transfers(), agents(), any::<bool>()).prop_map(|(transfer, agent, owner_available)| {
            Command::DeclineTransfer { transfer, agent, owner_available }
        }),
        2 => (transfers(), any::<bool>())
            .prop_map(|(transfer, owner_available)| Command::LapseTransfer { transfer, owner_available }),
        1 => (transfers(), any::<bool>())
            .prop_map(|(transfer, owner_available)| Command::WithdrawTransfer {
                transfer,
                owner_available,
                why: gatehouse_domain::conversation::Withdrawn::Requested
            }),
    ]
    .boxed()
}

fn moving() -> BoxedStrategy<Command> {
    let ownership = || 0_u64..12;
    let how = prop_oneof![Just(HowAssigned::Automatic), Just(HowAssigned::Pull), Just(HowAssigned::TakeOver)];
    prop_oneof![
        4 => (agents(), holds(), how, ownership())
            .prop_map(|(agent, hold, how, ownership)| Command::Assign { agent, hold, how, ownership, why: None }),
        1 => (few::<InboxId>(0x10, 2), ownership())
            .prop_map(|(inbox, ownership)| Command::MoveToInbox { inbox, ownership }),
        1 => ownership().prop_map(|ownership| Command::ReturnToInbox { ownership }),
        1 => (flows(), ownership()).prop_map(|(flow, ownership)| Command::HandToFlow { flow, ownership }),
        2 => (flows(), ownership()).prop_map(|(flow, ownership)| Command::EndFlow { flow, ownership }),
    ]
    .boxed()
}

fn sending() -> BoxedStrategy<Command> {
    let author = || {
        prop_oneof![
            3 => agents().prop_map(|agent| Author::Agent { agent }),
            1 => Just(Author::Api),
        ]
    };
    let allowance = || {
        (any::<bool>(), prop::bool::weighted(0.1)).prop_map(|(reply_window, opted_out)| Allowance {
            reply_window,
            text_chars_max: 4096,
            templates: true,
            opted_out,
        })
    };
    let template = || Template {
        name: "order_delayed".to_owned(),
        language: "de".to_owned(),
        text: "It comes on Sunday.".to_owned(),
        parameters: vec!["Sunday".to_owned()],
    };
    let resolution = prop_oneof![Just(Resolution::Resend), Just(Resolution::Discard)];
    prop_oneof![
        6 => (replies(), author(), allowance()).prop_map(|(message, author, allowance)| {
            Command::Reply { message, author, text: "Good day!".to_owned(), allowance }
        }),
        2 => (replies(), author(), allowance()).prop_map(move |(message, author, allowance)| {
            Command::SendTemplate { message, author, template: template(), allowance }
        }),
        6 => (replies(), 1_u32..3).prop_map(|(message, attempt)| Command::BeginSend { message, attempt }),
        2 => (replies(), 1_u32..3, later()).prop_map(|(message, attempt, until)| {
            Command::DeferSend { message, attempt, until, reason: "429".to_owned() }
        }),
        2 => (replies(), 1_u32..3).prop_map(|(message, attempt)| {
            Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } }
        }),
        3 => (replies(), deliveries()).prop_map(|(message, delivery)| Command::RecordDelivery { message, delivery }),
        1 => replies().prop_map(|message| Command::DoubtSend { message }),
        3 => (replies(), resolution, agents())
            .prop_map(|(message, resolution, by)| Command::ResolveIndeterminate { message, resolution, by }),
    ]
    .boxed()
}

fn ending() -> BoxedStrategy<Command> {
    let reason = || few::<EndReasonId>(0xE0, 2);
    let clock = prop_oneof![Just(SlaClock::FirstResponse), Just(SlaClock::NextResponse)];
    prop_oneof![
        2 => (prop::option::weighted(0.8, reason()), agents())
            .prop_map(|(reason, by)| Command::End { reason, configured: reason.into_iter().collect(), by }),
        1 => later().prop_map(|until| Command::ExpireWindow { until }),
        1 => later().prop_map(|silent_since| Command::CloseIdle { silent_since }),
        3 => (agents(), holds(), route(), address())
            .prop_map(|(agent, hold, route, address)| Command::StartOutbound { agent, hold, route, address }),
        2 => (agents(), holds()).prop_map(|(agent, hold)| Command::Retake { agent, hold }),
        1 => agents().prop_map(|by| Command::AddNote { by, text: "calls back".to_owned() }),
        1 => agents().prop_map(|by| Command::Tag { tag: vip(), by }),
        1 => agents().prop_map(|by| Command::Untag { tag: vip(), by }),
        1 => (0_u8..3).prop_map(|priority| Command::SetPriority { priority }),
        3 => clock.prop_map(|clock| Command::BreachSla { clock, due: NOON }),
    ]
    .boxed()
}

fn vip() -> Tag {
    Tag::parse("vip").expect("a tag")
}

pub fn deliveries() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        Just(Delivery::Submitted { provider_id: "wamid.B".to_owned() }),
        Just(Delivery::Sent),
        Just(Delivery::Delivered),
        Just(Delivery::Read),
        Just(Delivery::Failed { reason: "undeliverable".to_owned() }),
        (1_u32..3).prop_map(|attempt| Delivery::Indeterminate { attempt }),
    ]
}

fn route() -> impl Strategy<Value = Route> {
    let flow = prop::option::weighted(0.2, flows());
    let promised = || prop::option::of(1_u64..60_000);
    let sla = (promised(), promised())
        .prop_map(|(first_response_ms, next_response_ms)| Sla { first_response_ms, next_response_ms });
    (few::<InboxId>(0x10, 2), few::<ContactId>(0xC0, 2), flow, sla, any::<bool>()).prop_map(
        |(inbox, contact, flow, sla, window)| Route {
            gateway: GatewayId(Uuid::from_u128(0x61)),
            channel: Channel::Whatsapp,
            contact,
            inbox,
            flow,
            sla,
            reply_window: window.then_some(TimeDelta::hours(24)),
        },
    )
}

fn address() -> impl Strategy<Value = Address> + Clone {
    prop_oneof![
        Just(Address { kind: AddressKind::Phone, value: "491701234567".to_owned() }),
        Just(Address { kind: AddressKind::User, value: "DE.1349871234".to_owned() }),
    ]
}

fn addresses() -> impl Strategy<Value = Vec<Address>> {
    prop::collection::vec(address(), 1..3)
}

/// Whom an offer is made to.
fn asked(offer: OfferId) -> AgentId {
    AgentId(Uuid::from_u128(0xA0 << 64 | (offer.0.as_u128() & 0xF)))
}

fn agents() -> impl Strategy<Value = AgentId> + Clone {
    few(0xA0, 3)
}

fn holds() -> impl Strategy<Value = HoldId> {
    few(0x80, 4)
}

fn offers() -> impl Strategy<Value = OfferId> + Clone {
    few(0x50, 3)
}

fn flows() -> impl Strategy<Value = FlowId> {
    few(0xF0, 1)
}

fn replies() -> impl Strategy<Value = MessageId> {
    few(0x40, 4)
}

fn messages() -> impl Strategy<Value = MessageId> {
    few(0x30, 12)
}

fn later() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..600).prop_map(|seconds| NOON + TimeDelta::seconds(seconds))
}
