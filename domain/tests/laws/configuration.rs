//! The laws of contacts and of what administrators keep.

use gatehouse_domain::contact::{self, Contact, Property};
use gatehouse_domain::gateway::{self, Account, Conditions, Gateway};
use gatehouse_domain::inbox::{self, Inbox, Mode, Routing, Strategy as Routed};
use gatehouse_domain::record::By;
use gatehouse_domain::team::{self, Team};
use gatehouse_domain::user::{self, Role, User};
use gatehouse_domain::{
    Address, AddressKind, AgentId, Channel, ConnectionId, ContactId, InboxId, TeamId, connection, end_reason,
};

use super::*;

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn contacts_keep_the_laws(steps in steps(contacts(), 1..30)) {
        let outcomes = keeps_the_laws::<Contact>(steps, |_| false);
        survives_erasure::<Contact>(&history(&outcomes));
    }

    #[test]
    fn gateways_keep_the_laws(steps in steps(gateways(), 1..30)) {
        keeps_the_laws::<Gateway>(steps, |_| false);
    }

    #[test]
    fn inboxes_keep_the_laws(steps in steps(inboxes(), 1..30)) {
        // Which inbox is primary is not for one inbox to know.
        keeps_the_laws::<Inbox>(steps, |outcome| matches!(outcome.command, inbox::Command::MakePrimary { .. }));
    }

    #[test]
    fn teams_keep_the_laws(steps in steps(teams(), 1..30)) {
        keeps_the_laws::<Team>(steps, |_| false);
    }

    #[test]
    fn connections_keep_the_laws(steps in steps(connections(), 1..30)) {
        keeps_the_laws::<connection::Connection>(steps, |_| false);
    }

    #[test]
    fn end_reasons_keep_the_laws(steps in steps(end_reasons(), 1..30)) {
        keeps_the_laws::<end_reason::EndReason>(steps, |_| false);
    }

    #[test]
    fn users_keep_the_laws(steps in steps(users(), 1..30)) {
        // Two passwords in a row are two passwords.
        keeps_the_laws::<User>(steps, |outcome| outcome.command == user::Command::SetPassword);
    }
}

fn keeps_the_laws<A: Lawful<Command: Debug>>(
    steps: Vec<Step<A::Command>>,
    forgetful: impl Fn(&Outcome<A>) -> bool,
) -> Vec<Outcome<A>> {
    let outcomes = run::<A>(steps, |_, command| command);
    replays(&outcomes);
    decides_once_and_for_all(&outcomes);
    has_no_second_effect(&outcomes, forgetful);
    outcomes
}

fn contacts() -> BoxedStrategy<contact::Command> {
    use contact::Command;
    let channel = || prop_oneof![Just(Channel::Whatsapp), Just(Channel::Sms)];
    let address = (0..3).prop_map(|number| Address { kind: AddressKind::Phone, value: format!("49170123456{number}") });
    let name = prop::option::of(prop_oneof![Just("Lena".to_owned()), Just(" ".to_owned())]);
    let other = || few::<ContactId>(0xC0, 2);
    prop_oneof![
        6 => (channel(), prop::collection::vec(address, 0..3), name)
            .prop_map(|(channel, addresses, name)| Command::Meet { channel, addresses, name }),
        2 => (0_u8..2).prop_map(|value| Command::SetProperty {
            property: Property { name: "country".to_owned(), value: value.to_string() }
        }),
        2 => channel().prop_map(|channel| Command::OptOut { channel }),
        2 => channel().prop_map(|channel| Command::OptIn { channel }),
        2 => other().prop_map(|to| Command::Link { to }),
        2 => other().prop_map(|from| Command::Unlink { from }),
        1 => Just(Command::Erase { by: By::System }),
    ]
    .boxed()
}

fn gateways() -> BoxedStrategy<gateway::Command> {
    use gateway::Command;
    let conditions = || {
        (0..4_usize).prop_map(|filters| Conditions {
            brand: None,
            filters: (0..filters).map(|number| (number.to_string(), "DE".to_owned())).collect(),
        })
    };
    let account = || Account {
        connection: ConnectionId(Uuid::from_u128(0x91)),
        channel: Channel::Whatsapp,
        id: "106540352242922".to_owned(),
        sender: None,
    };
    prop_oneof![
        3 => conditions().prop_map(move |conditions| Command::Add {
            number: 7,
            name: "Sales".to_owned(),
            account: account(),
            conditions
        }),
        3 => conditions().prop_map(|conditions| Command::SetConditions { conditions }),
        2 => prop::option::of(0_u64..3).prop_map(|after_ms| Command::SetIdleClose { after_ms }),
        2 => (few::<InboxId>(0x10, 2), prop::option::of(1_u64..3))
            .prop_map(|(inbox, sla_ms)| Command::SetException { exception: gateway::Exception { inbox, sla_ms } }),
        1 => Just(Command::ClearException),
        3 => any::<bool>().prop_map(|inbox_ready| Command::Connect { inbox_ready }),
        2 => Just(Command::Park),
        1 => Just(Command::Retire),
    ]
    .boxed()
}

fn inboxes() -> BoxedStrategy<inbox::Command> {
    use inbox::Command;
    let routing = || {
        (1_u64..3).prop_map(|seconds| Routing {
            mode: if seconds == 1 { Mode::Offer } else { Mode::Assign },
            strategy: if seconds == 1 { Routed::LongestIdle } else { Routed::RingAll },
            offer_timeout_ms: seconds * 1_000,
            ..Routing::default()
        })
    };
    let name = || (0_u8..2).prop_map(|number| format!("Sales {number}"));
    let agent = || few::<AgentId>(0xA0, 2);
    prop_oneof![
        2 => (name(), routing()).prop_map(|(name, routing)| Command::Add { name, routing }),
        1 => name().prop_map(|name| Command::Rename { name }),
        1 => routing().prop_map(|routing| Command::SetRouting { routing }),
        1 => Just(Command::MakePrimary { channel: Channel::Whatsapp }),
        2 => agent().prop_map(|agent| Command::AddMember { agent }),
        2 => agent().prop_map(|agent| Command::RemoveMember { agent }),
        1 => few::<TeamId>(0xB0, 2).prop_map(|team| Command::AddTeam { team }),
        1 => few::<TeamId>(0xB0, 2).prop_map(|team| Command::RemoveTeam { team }),
    ]
    .boxed()
}

fn teams() -> BoxedStrategy<team::Command> {
    use team::Command;
    let name = || (0_u8..2).prop_map(|number| format!("Shift {number}"));
    let agent = || few::<AgentId>(0xA0, 2);
    prop_oneof![
        2 => name().prop_map(|name| Command::Add { name }),
        1 => name().prop_map(|name| Command::Rename { name }),
        2 => agent().prop_map(|agent| Command::AddMember { agent }),
        2 => agent().prop_map(|agent| Command::RemoveMember { agent }),
    ]
    .boxed()
}

fn connections() -> BoxedStrategy<connection::Command> {
    use connection::Command;
    let settings = || (0_u8..2).prop_map(|version| [("graph_version".to_owned(), version.to_string())].into());
    prop_oneof![
        2 => settings().prop_map(|settings| Command::Add {
            name: "Meta app".to_owned(),
            provider: "meta".to_owned(),
            settings,
            secrets_version: 1,
        }),
        2 => settings().prop_map(|settings| Command::SetSettings { settings }),
        2 => (0_u32..5).prop_map(|version| Command::RotateSecrets { version }),
        1 => Just(Command::Retire),
    ]
    .boxed()
}

fn end_reasons() -> BoxedStrategy<end_reason::Command> {
    use end_reason::Command;
    prop_oneof![
        2 => (0_u8..2).prop_map(|number| Command::Add { name: number.to_string() }),
        1 => Just(Command::Retire),
    ]
    .boxed()
}

fn users() -> BoxedStrategy<user::Command> {
    use user::Command;
    let role = || prop_oneof![Just(Role::Agent), Just(Role::Administrator)];
    prop_oneof![
        2 => role().prop_map(|role| Command::Add { login: "anna".to_owned(), name: "Anna".to_owned(), role }),
        2 => role().prop_map(|role| Command::SetRole { role }),
        1 => Just(Command::SetPassword),
        1 => Just(Command::Disable),
    ]
    .boxed()
}
