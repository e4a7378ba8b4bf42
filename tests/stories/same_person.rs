//! One person, registered at two doors on two phones that could not hear of each other.

use domain::RecordId;
use domain::access::Role;
use domain::codes::{CancelReason, ReportKind};
use domain::duplicate::PairWhy;
use domain::report::ReportForm;
use domain::residency::CancelForm;
use sync_server::desk::DeskCaller;
use ui_protocol::DeskCommand;
use ui_protocol::attention::{Attention, SettleDuplicate};
use ui_protocol::desk::{AnswerForStation, ListRecords, RecordPage, RecordView, SplitForStation, ViewRecord};
use ui_protocol::people::{CancelResidency, ChangeResident, CheckDocument, ListPeople, SaveResident, SplitPerson, Standing};
use ui_protocol::reports::{Report, SaveReport};
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::units::{ListUnits, Unit};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

/// Wang and Li of one village, each at a door of their own, with the same newcomer's card in their hands.
fn at_two_doors() -> (World, Actor, Actor, [RecordId; 2], [RecordId; 2], String) {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let homes = [wang.home(DONG, "12号", "13905700099", ""), wang.home(DONG, "14号", "13905700011", "")];
    wang.sync();
    li.sync();
    let number = world.document();
    for actor in [&wang, &li] {
        actor.online(false);
    }
    let first = wang.register(homes[0], "张伟", &number).person.expect("a person");
    world.time.pass_ms(60_000);
    let mut form = li.resident_form(homes[1], "张伟", &number);
    form.phone = "13905700077".to_owned();
    let ask = SaveResident { form, although_known: false, returning: None, draft: None };
    let second = li.ask(ask).person.expect("a person");
    for actor in [&wang, &li] {
        actor.online(true);
    }
    (world, wang, li, homes, [first, second], number)
}

fn officer(world: &World) -> DeskCaller {
    world.account("zhou", Role::Officer, &[DONG, XI], "");
    let account = world
        .core
        .look(|view| Ok(view.accounts()?.into_iter().find(|account| account.login == "zhou").expect("an officer")))
        .expect("looks");
    world.core.look(|view| DeskCaller::of(view, account)).expect("a desk")
}

fn desk<T: serde::de::DeserializeOwned>(world: &World, officer: &DeskCaller, command: DeskCommand) -> T {
    serde_json::from_value(world.core.desk(officer, command).expect("an answer").reply).expect("the call's own reply")
}

fn residents(actor: &Actor, home: RecordId) -> u64 {
    let rows = actor.ask(ListUnits::default()).rows;
    rows.into_iter().find(|row| row.id == home).map_or(0, |row| row.people)
}

#[test]
fn two_coordinators_and_the_station_see_one_person_and_the_earlier_declaration() {
    for wang_first in [true, false] {
        let (world, wang, li, homes, [first, second], number) = at_two_doors();
        let (one, two) = if wang_first { (&wang, &li) } else { (&li, &wang) };
        for actor in [one, two, one, two] {
            actor.sync();
        }
        let (survivor, other) = if wang_first { (first, second) } else { (second, first) };
        for actor in [&wang, &li] {
            assert_eq!(actor.find("张伟"), ["张伟"], "one line");
            assert_eq!(actor.find(&number), ["张伟"]);
            assert_eq!(actor.ask(ListPeople::default()).total, Some(1));
            let page = actor.person(other);
            assert_eq!(page.id, survivor, "the other id opens the same page");
            assert_eq!(page, actor.person(survivor));
            assert_eq!(page.residencies.len(), 1, "one registration");
            assert_eq!(page.residencies[0].stays.len(), 2, "and both stays under it: {wang_first} {page:#?}");
            assert_eq!(page.residencies[0].standing, Standing::Active);
            assert_eq!(page.phone, "13905700077", "typed later, whoever synced first");
            assert_eq!(page.other_names.len(), 1);
            assert_eq!(page.other_names[0].by, if wang_first { "li" } else { "wang" });
            assert!(!page.can_undo, "half of it is somebody else's work");
            for home in homes {
                assert_eq!(residents(actor, home), 1);
            }
            // The known document is one person, at entry too.
            let known = actor.ask(CheckDocument { doc_type: domain::id_document::DocType::Id, doc_no: number.clone() }).known;
            assert_eq!(known.iter().map(|known| known.person).collect::<Vec<_>>(), [survivor]);
            // Both are told, once, and the phone number that did not stand is kept.
            let attention = actor.ask(Attention {});
            assert_eq!(attention.duplicates.len(), 1);
            assert_eq!(attention.duplicates[0].why, PairWhy::Merged);
            assert_eq!(attention.conflicts.len(), 1);
            assert_eq!(attention.conflicts[0].lost.fields["phone"], "13905700001");
            let today = actor.ask(Today::default());
            assert!(today.counts.iter().any(|(kind, count)| *kind == TodayKind::Duplicate && *count == 1));
            actor.expect_same();
        }
        let officer = officer(&world);
        let page: RecordPage =
            desk(&world, &officer, DeskCommand::ListRecords(ListRecords { kind: "duplicate".to_owned(), ..Default::default() }));
        assert_eq!(page.rows.len(), 1, "the station sees it");
        let view: RecordView = desk(&world, &officer, DeskCommand::ViewRecord(ViewRecord { id: survivor }));
        assert_eq!(view.other_names.len(), 1);
        let overview: ui_protocol::desk::OverviewReply =
            desk(&world, &officer, DeskCommand::Overview(ui_protocol::desk::Overview {}));
        assert_eq!(overview.areas.iter().map(|area| area.residents).sum::<u64>(), 1, "counted once");
    }
}

#[test]
fn taken_apart_on_the_phone_or_at_the_desk_they_are_two_again() {
    for at_the_desk in [false, true] {
        let (world, wang, li, _, [first, second], _) = at_two_doors();
        for actor in [&wang, &li, &wang] {
            actor.sync();
        }
        if at_the_desk {
            let officer = officer(&world);
            let view: RecordView = desk(&world, &officer, DeskCommand::SplitForStation(SplitForStation { person: second }));
            assert!(view.other_names.is_empty());
        } else {
            // Offline too: it is a change like any other.
            wang.online(false);
            wang.ask(SplitPerson { person: second });
            wang.online(true);
        }
        for actor in [&wang, &li, &wang] {
            actor.sync();
        }
        for actor in [&wang, &li] {
            assert_eq!(actor.find("张伟"), ["张伟", "张伟"]);
            for (id, phone) in [(first, "13905700001"), (second, "13905700077")] {
                let page = actor.person(id);
                assert_eq!((page.id, page.phone.as_str()), (id, phone), "each has its own again");
                assert_eq!((page.residencies.len(), page.residencies[0].stays.len()), (1, 1));
                assert!(page.other_names.is_empty());
            }
            assert!(actor.ask(Attention {}).duplicates.is_empty(), "nobody is asked about it again");
            actor.expect_same();
        }
        assert!(
            wang.ask(Attention {}).conflicts.iter().any(|conflict| conflict.why == domain::merge::ClashWhy::TakenApart),
            "what had been filled in is shown"
        );
    }
}

#[test]
fn work_done_before_a_phone_knew_goes_to_the_one_who_is_meant() {
    let (world, wang, li, homes, [first, second], _) = at_two_doors();
    wang.sync();
    // Li goes on offline: a corrected phone number, and the next morning the tenant has left.
    world.time.pass_ms(60_000);
    let mut form = li.person(second).form;
    form.phone = "13905700088".to_owned();
    li.ask(ChangeResident { person: second, form, draft: None });
    for actor in [&li, &wang, &li] {
        actor.sync();
    }
    for actor in [&wang, &li] {
        let page = actor.person(first);
        assert_eq!((page.id, page.phone.as_str()), (first, "13905700088"));
    }
    // Whoever cancels ends all of it: both homes are free.
    let residency = li.person(second).residencies[0].id;
    world.time.pass_days(1);
    let today = li.ask(ui_protocol::session::Status {}).today;
    let form = CancelForm { reason: Some(CancelReason::Left), left_on: today, note: "房间已空".to_owned() };
    li.ask(CancelResidency { residency, form });
    for home in homes {
        assert_eq!(residents(&li, home), 0, "at once on this phone");
    }
    for actor in [&li, &wang] {
        actor.sync();
    }
    for home in homes {
        assert_eq!(residents(&wang, home), 0);
        assert!(wang.ask(Unit { id: home }).rooms.iter().all(|room| room.people.is_empty()));
    }
    assert_eq!(wang.person(first).residencies[0].standing, Standing::Cancelled);
    for actor in [&wang, &li] {
        actor.expect_same();
    }
}

#[test]
fn what_still_waits_under_the_other_name_is_shown_with_the_person() {
    let (world, wang, li, _, [first, second], _) = at_two_doors();
    for actor in [&wang, &li, &wang] {
        actor.sync();
    }
    // A second phone of Li's account that was enrolled in the meantime edits what it believes to be its own.
    let mut form = li.person(second).form;
    form.hukou_address = "新建路 5 号".to_owned();
    world.time.pass_ms(60_000);
    li.online(false);
    li.ask(ChangeResident { person: second, form, draft: None });
    assert_eq!(li.person(first).form.hukou_address, "新建路 5 号", "said of either, shown of the person");
    assert!(li.person(first).waiting);
    li.online(true);
    li.sync();
    wang.sync();
    assert_eq!(wang.person(first).form.hukou_address, "新建路 5 号");
}

#[test]
fn two_villages_are_asked_without_names_and_the_station_may_answer() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", XI));
    let homes = [wang.home(DONG, "12号", "13905700011", ""), li.home(XI, "3号", "13905700011", "")];
    let number = world.document();
    let first = wang.register(homes[0], "张伟", &number).person.expect("a person");
    wang.sync();
    let second = li.register(homes[1], "张伟", &number).person.expect("a person");
    for actor in [&li, &wang, &li] {
        actor.sync();
    }
    let officer = officer(&world);
    for (actor, own_is_first) in [(&wang, true), (&li, false)] {
        let asked = actor.ask(Attention {}).duplicates;
        assert_eq!(asked.len(), 1);
        assert!(!asked[0].same_village);
        let (own, other) = if own_is_first { (&asked[0].first, &asked[0].second) } else { (&asked[0].second, &asked[0].first) };
        assert_eq!((own.name.as_str(), other.name.as_str()), ("张伟", ""));
        assert_eq!((other.person, other.document.as_str(), other.home.as_str()), (None, "", ""));
        assert_eq!(other.area_name, if own_is_first { "西村" } else { "东村" });
        assert_eq!(actor.find("张伟").len(), 1);
    }
    let page: RecordPage =
        desk(&world, &officer, DeskCommand::ListRecords(ListRecords { kind: "duplicate".to_owned(), ..Default::default() }));
    assert_eq!(page.rows.len(), 2, "one in each village's list");
    let answered: RecordView =
        desk(&world, &officer, DeskCommand::AnswerForStation(AnswerForStation { id: page.rows[0].id, same: false }));
    assert_eq!(answered.row.state, "settled");
    let page: RecordPage =
        desk(&world, &officer, DeskCommand::ListRecords(ListRecords { kind: "duplicate".to_owned(), ..Default::default() }));
    assert!(page.rows.iter().all(|row| row.state == "settled"), "answered once for everybody");
    for actor in [&wang, &li] {
        actor.sync();
        assert!(actor.ask(Attention {}).duplicates.is_empty());
        actor.expect_same();
    }
    assert_eq!((wang.person(first).id, li.person(second).id), (first, second));
}

#[test]
fn another_name_is_asked_and_a_tap_makes_them_one() {
    let (_world, wang, li, _, _, _) = at_two_doors();
    wang.sync();
    li.sync();
    let home = li.home(DONG, "16号", "13905700011", "");
    let number = {
        let mut form = li.resident_form(home, "王小二", &_world.document());
        form.phone = "13905700066".to_owned();
        let number = form.doc_no.clone();
        let ask = SaveResident { form, although_known: false, returning: None, draft: None };
        li.ask(ask);
        number
    };
    let third = wang.home(DONG, "18号", "13905700011", "");
    let other = wang.register(third, "王小儿", &number).person.expect("a person");
    for actor in [&li, &wang, &li] {
        actor.sync();
    }
    let asked = wang.ask(Attention {}).duplicates.into_iter().find(|asked| asked.why == PairWhy::Name).expect("a question");
    assert!(asked.same_village && asked.second.person.is_some());
    wang.ask(SettleDuplicate { id: asked.id, same: true });
    assert!(wang.ask(Attention {}).duplicates.iter().all(|left| left.id != asked.id));
    for actor in [&wang, &li] {
        actor.sync();
    }
    for actor in [&wang, &li] {
        assert_eq!(actor.person(other).other_names.len(), 1);
        assert!(actor.ask(Attention {}).duplicates.iter().all(|left| left.why != PairWhy::Name));
        actor.expect_same();
    }
}

#[test]
fn a_reported_tenant_who_is_registered_is_shown_beside_the_report() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", XI));
    let home = wang.home(DONG, "12号", "13905700099", "");
    let far = li.home(XI, "3号", "13905700011", "");
    let (here, there) = (world.document(), world.document());
    let person = wang.register(home, "张伟", &here).person.expect("a person");
    li.register(far, "李晓梅", &there);
    for actor in [&wang, &li] {
        actor.sync();
    }
    let chen = world.landlord("chen", "13905700099");
    let report = |name: &str, number: &str| {
        let form = ReportForm {
            kind: ReportKind::MoveIn,
            unit: Some(home),
            name: name.to_owned(),
            doc_no: number.to_owned(),
            event_on: "2026-11-20".to_owned(),
            ..ReportForm::default()
        };
        chen.ask(SaveReport { form, draft: None }).id
    };
    let (known, elsewhere, new) = (report("张伟", &here), report("李晓梅", &there), report("刘洋", &world.document()));
    chen.sync();
    wang.sync();
    let view = wang.ask(Report { id: known });
    assert_eq!(view.known.iter().map(|known| known.person).collect::<Vec<_>>(), [person]);
    assert_eq!(view.known_elsewhere, "");
    let view = wang.ask(Report { id: elsewhere });
    assert!(view.known.is_empty());
    assert_eq!(view.known_elsewhere, "西村", "the village, and no more");
    let view = wang.ask(Report { id: new });
    assert!(view.known.is_empty() && view.known_elsewhere.is_empty());
    chen.sync();
    for id in [known, elsewhere] {
        let view = chen.ask(Report { id });
        assert!(view.known.is_empty() && view.known_elsewhere.is_empty(), "the landlord learns nothing");
    }
    chen.expect_same();
    wang.expect_same();
}
