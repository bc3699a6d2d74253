//! Events in, configuration out.

use gatehouse_domain::Kind;
use gatehouse_domain::gateway::Conditions;

use super::*;
use crate::fixtures::{NOON, erased, every_event, example, recorded};

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);
const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const DESK: Uuid = Uuid::from_u128(0xD1);

#[test]
fn every_event_folds_alone_together_and_erased() {
    let mut together = Setup::default();
    for (position, (kind, name)) in (1..).zip(every_event()) {
        for fact in [example(kind, name), erased(kind, name)] {
            let changes = !matches!(kind, Kind::Conversation | Kind::Contact);
            assert_eq!(Setup::default().fold(&recorded(1, kind, ONE, 1, fact.clone())), changes, "{name}");
            together.fold(&recorded(position, kind, ONE, position, fact));
        }
    }
}

#[test]
fn what_concerns_somebody_unknown_is_kept_nowhere() {
    for (kind, name) in every_event().filter(|(_, name)| !name.ends_with("_added")) {
        let mut setup = Setup::default();
        setup.fold(&recorded(1, kind, ONE, 1, example(kind, name)));
        setup.primary.clear();
        assert_eq!(setup, Setup::default(), "{name}");
    }
}

#[test]
fn a_connection_is_known_with_its_newest_settings() {
    use connection::Event as E;
    let settings = |version: &str| BTreeMap::from([("graph_version".to_owned(), version.to_owned())]);
    let added =
        E::ConnectionAdded { name: "App".to_owned(), provider: "meta".to_owned(), settings: settings("1"), at: NOON };
    let setup = folded([
        (Kind::Connection, ONE, Fact::Connection(added)),
        (Kind::Connection, ONE, Fact::Connection(E::SettingsSet { settings: settings("2"), at: NOON })),
        (Kind::Connection, ONE, Fact::Connection(E::SecretsRotated { version: 3, at: NOON })),
        (Kind::Connection, ONE, Fact::Connection(E::ConnectionRetired { at: NOON })),
    ]);
    let known = Connection {
        name: "App".to_owned(),
        provider: "meta".to_owned(),
        settings: settings("2"),
        secrets_version: 3,
        retired: true,
    };
    assert_eq!(setup.connections, BTreeMap::from([(ConnectionId(ONE), known)]));
}

#[test]
fn a_gateway_is_parked_until_it_is_connected_and_found_by_its_account() {
    use gateway::Event as E;
    let account = Account {
        connection: ConnectionId(ONE),
        channel: Channel::Whatsapp,
        id: "account".to_owned(),
        sender: Some("+49 30 1234567".to_owned()),
    };
    let added = E::GatewayAdded {
        number: 7,
        name: "Sales line".to_owned(),
        account: account.clone(),
        conditions: Conditions::default(),
        at: NOON,
    };
    let known = |state, idle_close_ms, conditions| Gateway {
        number: 7,
        name: "Sales line".to_owned(),
        account: account.clone(),
        conditions,
        state,
        idle_close_ms,
        exception: None,
    };
    let nordlicht = Conditions { brand: Some("Nordlicht".to_owned()), filters: BTreeMap::new() };
    let mut setup = Setup::default();
    let mut after = |event| {
        setup.fold(&recorded(1, Kind::Gateway, TWO, 1, Fact::Gateway(event)));
        assert_eq!(setup.gateway_of_account(ConnectionId(TWO), "account"), None);
        assert_eq!(setup.gateway_of_account(ConnectionId(ONE), "another"), None);
        setup.gateway_of_account(ConnectionId(ONE), "account").map(|(id, gateway)| (id, gateway.clone()))
    };
    let day = Some(IDLE_CLOSE_DEFAULT_MS);
    let told = [
        (added, known(State::Parked, day, Conditions::default())),
        (E::GatewayConnected { at: NOON }, known(State::Connected, day, Conditions::default())),
        (E::IdleCloseSet { after_ms: None, at: NOON }, known(State::Connected, None, Conditions::default())),
        (
            E::ConditionsSet { conditions: nordlicht.clone(), at: NOON },
            known(State::Connected, None, nordlicht.clone()),
        ),
        (E::GatewayParked { at: NOON }, known(State::Parked, None, nordlicht.clone())),
        (E::GatewayRetired { at: NOON }, known(State::Retired, None, nordlicht)),
    ];
    for (event, known) in told {
        assert_eq!(after(event), Some((GatewayId(TWO), known)));
    }
}

#[test]
fn an_entry_point_feeds_its_channels_primary_inbox_unless_an_exception_says_otherwise() {
    let sla = |first, next| Sla { first_response_ms: first, next_response_ms: next };
    let added = |sla| {
        let routing = Routing { sla, ..Routing::default() };
        Fact::Inbox(inbox::Event::InboxAdded { name: "An inbox".to_owned(), routing, at: NOON })
    };
    let account =
        Account { connection: ConnectionId(ONE), channel: Channel::Whatsapp, id: "account".to_owned(), sender: None };
    let (number, name, conditions) = (7, "Sales line".to_owned(), Conditions::default());
    let gateway = gateway::Event::GatewayAdded { number, name, account, conditions, at: NOON };
    let mut setup = folded([
        (Kind::Gateway, ONE, Fact::Gateway(gateway)),
        (Kind::Inbox, ONE, added(sla(Some(60_000), None))),
        (Kind::Inbox, TWO, added(sla(Some(30_000), Some(90_000)))),
    ]);
    let fed = |setup: &Setup| setup.fed_by(&setup.gateways[&GatewayId(ONE)]);
    assert_eq!(fed(&setup), None);
    let mut tell = |kind, id, fact| {
        setup.fold(&recorded(4, kind, id, 4, fact));
        fed(&setup)
    };
    let primary = inbox::Event::MadePrimary { channel: Channel::Whatsapp, at: NOON };
    assert_eq!(tell(Kind::Inbox, ONE, Fact::Inbox(primary)), Some((InboxId(ONE), sla(Some(60_000), None))));
    let except = |sla_ms| {
        let exception = Exception { inbox: InboxId(TWO), sla_ms };
        Fact::Gateway(gateway::Event::ExceptionSet { exception, at: NOON })
    };
    let blank = tell(Kind::Gateway, ONE, except(None));
    assert_eq!(blank, Some((InboxId(TWO), sla(Some(30_000), Some(90_000)))));
    let quick = tell(Kind::Gateway, ONE, except(Some(39_600)));
    assert_eq!(quick, Some((InboxId(TWO), sla(Some(39_600), Some(90_000)))));
    let cleared = tell(Kind::Gateway, ONE, Fact::Gateway(gateway::Event::ExceptionCleared { at: NOON }));
    assert_eq!(cleared, Some((InboxId(ONE), sla(Some(60_000), None))));
}

#[test]
fn an_inbox_has_its_members_and_the_newest_primary_wins() {
    use inbox::Event as E;
    let routing = |offer_timeout_ms| Routing { offer_timeout_ms, ..Routing::default() };
    let added = |name: &str| Fact::Inbox(E::InboxAdded { name: name.to_owned(), routing: routing(30_000), at: NOON });
    let of = |id, event| (Kind::Inbox, id, Fact::Inbox(event));
    let boris = AgentId(Uuid::from_u128(0xA2));
    let setup = folded([
        (Kind::Inbox, ONE, added("Sales")),
        (Kind::Inbox, TWO, added("Billing")),
        of(ONE, E::MemberAdded { agent: ANNA, at: NOON }),
        of(ONE, E::MemberAdded { agent: boris, at: NOON }),
        of(ONE, E::MemberRemoved { agent: boris, at: NOON }),
        of(ONE, E::InboxRenamed { name: "Orders".to_owned(), at: NOON }),
        of(ONE, E::RoutingSet { routing: routing(45_000), at: NOON }),
        of(ONE, E::MadePrimary { channel: Channel::Whatsapp, at: NOON }),
        of(TWO, E::MadePrimary { channel: Channel::Whatsapp, at: NOON }),
        of(ONE, E::MadePrimary { channel: Channel::Sms, at: NOON }),
        of(ONE, E::TeamAdded { team: TeamId(ONE), at: NOON }),
        of(ONE, E::TeamAdded { team: TeamId(TWO), at: NOON }),
        of(ONE, E::TeamRemoved { team: TeamId(ONE), at: NOON }),
    ]);
    let inbox = |name: &str, timeout_ms, members, teams| {
        let (name, routing) = (name.to_owned(), routing(timeout_ms));
        Inbox { name, routing, members: BTreeSet::from_iter(members), teams: BTreeSet::from_iter(teams) }
    };
    let orders = inbox("Orders", 45_000, Some(ANNA), Some(TeamId(TWO)));
    let billing = inbox("Billing", 30_000, None, None);
    assert_eq!(setup.inboxes, BTreeMap::from([(InboxId(ONE), orders), (InboxId(TWO), billing)]));
    let primary = BTreeMap::from([(Channel::Whatsapp, InboxId(TWO)), (Channel::Sms, InboxId(ONE))]);
    assert_eq!(setup.primary, primary);
    assert!(setup.is_member(InboxId(ONE), ANNA));
    assert!(!setup.is_member(InboxId(ONE), boris));
    assert!(!setup.is_member(InboxId(TWO), ANNA));
}

#[test]
fn whoever_is_in_a_team_serves_its_inboxes_and_nobody_else() {
    let of = |event| (Kind::Team, TWO, Fact::Team(event));
    let inbox = |event| (Kind::Inbox, ONE, Fact::Inbox(event));
    let begun = [
        inbox(inbox::Event::InboxAdded { name: "Sales".to_owned(), routing: Routing::default(), at: NOON }),
        of(team::Event::TeamAdded { name: "Day".to_owned(), at: NOON }),
        of(team::Event::MemberAdded { agent: ANNA, at: NOON }),
        inbox(inbox::Event::TeamAdded { team: TeamId(TWO), at: NOON }),
    ];
    let (sales, boris) = (InboxId(ONE), AgentId(Uuid::from_u128(0xA2)));
    let setup = folded(begun.clone());
    assert!(setup.is_member(sales, ANNA) && !setup.is_member(sales, boris));
    let left = of(team::Event::MemberRemoved { agent: ANNA, at: NOON });
    let gone = inbox(inbox::Event::TeamRemoved { team: TeamId(TWO), at: NOON });
    assert_eq!((setup.regrouped_at(ANNA), setup.regrouped_at(boris)), (4, 0));
    for last in [left, gone] {
        let setup = folded(begun.clone().into_iter().chain([last]));
        assert!(!setup.is_member(sales, ANNA));
        assert_eq!(setup.regrouped_at(ANNA), 5);
    }
}

#[test]
fn an_agent_is_known_with_presence_desks_and_slots() {
    use agent::Event as E;
    let (hold, conversation, at) = (HoldId(ONE), ConversationId(TWO), NOON);
    let capacity = Capacity { total: 3, per_channel: BTreeMap::new() };
    let of = |event| (Kind::Agent, ANNA.0, Fact::Agent(event));
    let begun = [
        of(E::AgentAdded { name: "Anna".to_owned(), at }),
        of(E::CapacitySet { capacity: capacity.clone(), at }),
        of(E::Connected { socket: DESK, at }),
        of(E::WentOnline { at }),
        of(E::SkillGranted { skill: "german".to_owned(), at }),
        of(E::SlotHeld { hold, conversation, channel: Channel::Whatsapp, at }),
    ];
    let working = Agent {
        name: "Anna".to_owned(),
        presence: Presence::Online,
        sockets: BTreeSet::from([DESK]),
        capacity,
        skills: BTreeSet::from(["german".to_owned()]),
        holds: BTreeMap::from([(hold, (conversation, Channel::Whatsapp))]),
    };
    assert_eq!(folded(begun.clone()).agents[&ANNA], working);

    let cause = agent::OfflineCause::Chosen;
    let changes = [
        (E::TookBreak { reason: None, at }, Agent { presence: Presence::OnBreak { reason: None }, ..working.clone() }),
        (E::WentOffline { cause, at }, Agent { presence: Presence::Offline, ..working.clone() }),
        (E::MarkedNotResponding { at }, Agent { presence: Presence::NotResponding, ..working.clone() }),
        (E::Disconnected { socket: DESK, at }, Agent { sockets: BTreeSet::new(), ..working.clone() }),
        (E::SlotReleased { hold, at }, Agent { holds: BTreeMap::new(), ..working.clone() }),
        (E::SkillRevoked { skill: "polish".to_owned(), at }, working.clone()),
        (E::SkillRevoked { skill: "german".to_owned(), at }, Agent { skills: BTreeSet::new(), ..working }),
    ];
    for (event, known) in changes {
        assert_eq!(folded(begun.clone().into_iter().chain([of(event)])).agents[&ANNA], known);
    }
}

#[test]
fn a_user_signs_in_under_their_login_in_any_case() {
    use user::Event as E;
    let added = E::UserAdded { login: "Anna.Weber".to_owned(), name: "Anna".to_owned(), role: Role::Agent, at: NOON };
    let setup = folded([
        (Kind::User, ONE, Fact::User(added)),
        (Kind::User, ONE, Fact::User(E::PasswordSet { at: NOON })),
        (Kind::User, ONE, Fact::User(E::RoleSet { role: Role::Supervisor, at: NOON })),
        (Kind::User, ONE, Fact::User(E::UserDisabled { at: NOON })),
    ]);
    let known =
        User { login: "Anna.Weber".to_owned(), name: "Anna".to_owned(), role: Role::Supervisor, disabled: true };
    assert_eq!(setup.user_of_login("anna.WEBER"), Some((UserId(ONE), &known)));
    assert_eq!(setup.user_of_login("boris"), None);
}

#[test]
fn a_retired_end_reason_keeps_its_name_and_is_offered_no_more() {
    use end_reason::Event as E;
    let added = |name: &str| Fact::EndReason(E::EndReasonAdded { name: name.to_owned(), at: NOON });
    let setup = folded([
        (Kind::EndReason, ONE, added("Solved")),
        (Kind::EndReason, TWO, added("Spam")),
        (Kind::EndReason, TWO, Fact::EndReason(E::EndReasonRetired { at: NOON })),
    ]);
    let reason = |name: &str, retired| EndReason { name: name.to_owned(), retired };
    let known = [(EndReasonId(ONE), reason("Solved", false)), (EndReasonId(TWO), reason("Spam", true))];
    assert_eq!(setup.end_reasons, BTreeMap::from(known));
    assert_eq!(setup.configured_end_reasons(), [EndReasonId(ONE)]);
}

fn folded(facts: impl IntoIterator<Item = (Kind, Uuid, Fact)>) -> Setup {
    let mut setup = Setup::default();
    for (position, (kind, id, fact)) in (1..).zip(facts) {
        setup.fold(&recorded(position, kind, id, position, fact));
    }
    setup
}
