//! What is claimed with an append: commands, so that each happens once, and things that only one stream can own.

use super::*;

every_store!(
    a_command_asked_twice_in_one_batch_happens_once,
    a_command_asked_again_later_is_answered_with_its_first_receipt,
    a_command_asked_again_after_a_restart_is_answered_with_its_first_receipt,
    a_command_asked_again_of_another_stream_changes_nothing_there,
    a_command_that_changes_nothing_counts_as_done,
    where_a_command_was_done_can_be_asked_by_its_key,
    what_another_stream_owns_is_taken_and_nothing_of_the_append_is_stored,
    of_two_who_claim_the_same_in_one_batch_the_first_has_it,
    claiming_again_what_is_ones_own_is_no_violation,
    a_claim_made_twice_in_one_append_is_made_once,
    one_append_may_claim_several_things_of_several_kinds,
    a_command_refused_elsewhere_goes_whole_to_the_owner,
);

async fn a_command_asked_twice_in_one_batch_happens_once(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    let ask = |expected| claiming(row(1, expected, 1), [command(7)]);
    let batch = [row(2, 0, 1), ask(0), ask(1), ask(0), row(3, 0, 1)];
    assert_eq!(
        store.append(fence, NOON, &batch).await.unwrap(),
        [committed(1, 1), committed(2, 1), duplicate(2, 1), duplicate(2, 1), committed(3, 1)]
    );
    assert_eq!(places(&store).await, [(1, stream(2), 1), (2, stream(1), 1), (3, stream(3), 1)]);
}

async fn a_command_asked_again_later_is_answered_with_its_first_receipt(home: impl Home) {
    let journal = home.journal().await;
    let ask = |expected| Append { key: key(&home, "hello"), ..reason(1, expected) };
    assert_eq!(journal.append(ask(0)).await, now(1, 1));
    assert_eq!(journal.append(reason(1, 1)).await, now(2, 2));
    // Whether the one who asks knows of the first time or not.
    assert_eq!(journal.append(ask(2)).await, before(1, 1));
    assert_eq!(journal.append(ask(0)).await, before(1, 1));
    assert_eq!(journal.head(), 2);
}

async fn a_command_asked_again_after_a_restart_is_answered_with_its_first_receipt(home: impl Home) {
    let ask = || Append { key: key(&home, "hello"), ..reason(1, 0) };
    assert_eq!(home.journal().await.append(ask()).await, now(1, 1));
    let again = home.journal().await;
    assert_eq!(again.append(ask()).await, before(1, 1));
    assert_eq!(again.read(0, 10).await.unwrap().len(), 1);
}

async fn a_command_asked_again_of_another_stream_changes_nothing_there(home: impl Home) {
    let journal = home.journal().await;
    let ask = |id| Append { key: key(&home, "hello"), ..reason(id, 0) };
    assert_eq!(journal.append(ask(1)).await, now(1, 1));
    assert_eq!(journal.append(ask(2)).await, before(1, 1));
    assert_eq!(journal.stream(stream(2), 0).await.unwrap(), []);
}

async fn a_command_that_changes_nothing_counts_as_done(home: impl Home) {
    let journal = home.journal().await;
    assert_eq!(journal.append(reason(1, 0)).await, now(1, 1));
    let nothing = Append { key: key(&home, "hello"), ..append::<EndReason>(1, 1, vec![]) };
    assert_eq!(journal.append(nothing).await, now(1, 1));
    let again = Append { key: key(&home, "hello"), ..reason(1, 1) };
    assert_eq!(journal.append(again).await, before(1, 1));
    assert_eq!(journal.head(), 1);
}

async fn where_a_command_was_done_can_be_asked_by_its_key(home: impl Home) {
    let journal = home.journal().await;
    let hello = key(&home, "hello").unwrap();
    assert_eq!(journal.receipt_of(hello).await.unwrap(), None);
    let ask = Append { key: Some(hello), claims: vec![account("shop")], ..reason(1, 0) };
    journal.append(ask).await.unwrap();
    assert_eq!(journal.append(reason(1, 1)).await, now(2, 2));
    assert_eq!(home.journal().await.receipt_of(hello).await.unwrap(), Some(Receipt { position: 1, sequence: 1 }));
}

async fn what_another_stream_owns_is_taken_and_nothing_of_the_append_is_stored(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    store.append(fence, NOON, &[claiming(row(1, 0, 1), [unique(1)])]).await.unwrap();

    let contact = gatehouse_domain::ContactId(Uuid::from_u128(0xC0));
    let new_key = Some(KeyRow { contact, sealed: "a key".to_owned() });
    let refused = AppendRow { new_key, ..claiming(row(2, 0, 2), [command(7), unique(2), unique(1)]) };
    let batch = [row(3, 0, 1), refused, row(4, 0, 1)];
    assert_eq!(
        store.append(fence, NOON, &batch).await.unwrap(),
        [committed(2, 1), Outcome::Taken(stream(1)), committed(3, 1)]
    );
    assert_eq!(places(&store).await, [(1, stream(1), 1), (2, stream(3), 1), (3, stream(4), 1)]);
    assert_eq!(store.owner_of([2; 16]).await.unwrap(), None);
    assert_eq!(store.contact_key(contact).await.unwrap(), None);
    // The command was not done, so it may be.
    let elsewhere = [claiming(row(5, 0, 1), [command(7)])];
    assert_eq!(store.append(fence, NOON, &elsewhere).await.unwrap(), [committed(4, 1)]);
}

async fn of_two_who_claim_the_same_in_one_batch_the_first_has_it(home: impl Home) {
    let store = home.open().await;
    let fence = store.raise_fence().await.unwrap().fence;
    let batch = [claiming(row(1, 0, 1), [unique(1)]), claiming(row(2, 0, 1), [unique(1)])];
    assert_eq!(store.append(fence, NOON, &batch).await.unwrap(), [committed(1, 1), Outcome::Taken(stream(1))]);
    assert_eq!(store.owner_of([1; 16]).await.unwrap(), Some(stream(1)));
}

async fn claiming_again_what_is_ones_own_is_no_violation(home: impl Home) {
    let journal = home.journal().await;
    let shop = |expected, also: &[&str]| Append {
        claims: [account("shop")].into_iter().chain(also.iter().map(|name| account(name))).collect(),
        ..reason(1, expected)
    };
    assert_eq!(journal.append(shop(0, &[])).await, now(1, 1));
    assert_eq!(journal.append(shop(1, &["annex"])).await, now(2, 2));
    for name in ["shop", "annex"] {
        assert_eq!(journal.owner_of(&account(name)).await.unwrap(), Some(stream(1)));
    }
}

async fn a_claim_made_twice_in_one_append_is_made_once(home: impl Home) {
    let journal = home.journal().await;
    let twice = Append { claims: vec![account("shop"), account("shop")], ..reason(1, 0) };
    assert_eq!(journal.append(twice).await, now(1, 1));
    assert_eq!(journal.owner_of(&account("shop")).await.unwrap(), Some(stream(1)));
}

async fn one_append_may_claim_several_things_of_several_kinds(home: impl Home) {
    let journal = home.journal().await;
    let claims = || vec![account("shop"), Claim::GatewayNumber(7), Claim::Login("Anna".to_owned())];
    let ask = |id| Append { claims: claims(), key: key(&home, "hello"), ..reason(id, 0) };
    assert_eq!(journal.append(ask(1)).await, now(1, 1));
    for claim in claims() {
        assert_eq!(journal.owner_of(&claim).await.unwrap(), Some(stream(1)));
    }
    assert_eq!(journal.append(ask(1)).await, before(1, 1));
    let login = Append { claims: vec![Claim::Login("anna".to_owned())], ..reason(2, 0) };
    assert_eq!(journal.append(login).await, Err(AppendError::Taken { owner: stream(1) }));
}

async fn a_command_refused_elsewhere_goes_whole_to_the_owner(home: impl Home) {
    let journal = home.journal().await;
    let ask = |id, expected| Append {
        claims: vec![account("shop")],
        key: key(&home, "hello"),
        ..append::<EndReason>(id, expected, vec![reason_added("said once")])
    };
    let owner = Append { key: None, ..ask(1, 0) };
    assert_eq!(journal.append(owner).await, now(1, 1));
    assert_eq!(journal.append(ask(2, 0)).await, Err(AppendError::Taken { owner: stream(1) }));
    assert_eq!(journal.append(ask(1, 1)).await, now(2, 2));
    assert_eq!(journal.stream(stream(1), 1).await.unwrap(), [recorded(2, 1, 2, reason_added("said once"))]);
}
