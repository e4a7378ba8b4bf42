//! Every kind of damage is found by its own name, and what the stored rows tell is put right.

use domain::digest::record_hash;
use domain::kind;
use domain::place::Scope;
use store::drill::{self, ServerDamage};
use sync_server::verify::{Report, Trouble, look};

use crate::town::{LIS, Town, WANGS};

fn report(town: &Town) -> Report {
    town.core.look(|view| Ok(look(view, |_, _| ())?)).expect("looked through")
}

#[test]
fn a_file_that_people_worked_with_is_as_it_should_be() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, crate::town::CHENS_PHONE);
    for _ in 0..3 {
        town.resident(&mut wang, unit);
    }
    let mut seen = (0, 0);
    let report = town.core.look(|view| Ok(look(view, |at, all| seen = (at, all))?)).expect("looked through");
    assert!(report.is_good(), "{report:?}");
    assert!(report.records > 200 && report.changes >= 12, "{report:?}");
    assert_eq!(seen.0, seen.1, "the progress has an end");
}

#[test]
fn each_kind_of_damage_is_found_and_what_can_be_mended_is() {
    let village = || Scope::Area(WANGS.to_owned());
    let other = || Scope::Area(LIS.to_owned());
    for case in 0..15 {
        let town = Town::new();
        let mut wang = town.pen("wang");
        let unit = town.home(&mut wang, WANGS, "");
        let resident = town.resident(&mut wang, unit);
        town.home(&mut town.pen("li"), LIS, "");
        let device = wang.credentials().device.0;
        let (damage, trouble, mends) = match case {
            0 => (ServerDamage::Value(resident.person, "\"phone\":\"1", "\"phone\":\"2"), Trouble::Hash, true),
            1 => (ServerDamage::Unreadable(resident.person), Trouble::Record, false),
            2 => (ServerDamage::Sum(village()), Trouble::Sum, true),
            3 => (ServerDamage::Count(village()), Trouble::Sum, true),
            4 => (ServerDamage::MemberLost(village(), resident.person), Trouble::Place, true),
            5 => (ServerDamage::MemberExtra(other(), resident.person), Trouble::Place, true),
            6 => (ServerDamage::Version(village(), 1), Trouble::Version, false),
            7 => (ServerDamage::Tag(village(), 1), Trouble::Tag, false),
            8 => (ServerDamage::Audit(2), Trouble::Audit, false),
            9 => (ServerDamage::Position(device, 2), Trouble::Position, false),
            10 => (ServerDamage::Change(device, 2), Trouble::Change, false),
            11 => (ServerDamage::Listing(unit), Trouble::Listing, true),
            12 => (ServerDamage::References(resident.residency), Trouble::References, true),
            13 => (ServerDamage::Lost(resident.person), Trouble::Foreign, false),
            _ => (ServerDamage::Account(device), Trouble::Foreign, false),
        };
        assert!(report(&town).is_good(), "before");
        drill::server(&town.file(), &damage).expect("damaged");
        let found = report(&town);
        assert!(found.troubles.contains_key(&trouble), "{damage:?}: {found:?}");
        assert_eq!(trouble.can_mend(), mends);
        town.core.mend().expect("mended");
        let after = report(&town);
        assert_eq!(after.troubles.contains_key(&trouble), !mends, "{damage:?}: {after:?}");
        if mends {
            assert!(after.is_good(), "{damage:?}: {after:?}");
        }
    }
}

#[test]
fn who_was_put_back_into_a_scope_reaches_its_devices() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let resident = town.resident(&mut wang, unit);
    let village = Scope::Area(WANGS.to_owned());
    drill::server(&town.file(), &ServerDamage::MemberLost(village.clone(), resident.person)).expect("damaged");
    town.core.mend().expect("mended");
    let mut other = town.pen("wang");
    other.sync().expect("pulled");
    assert!(other.records(kind::PERSON).iter().any(|record| record.id == resident.person));
    assert!(other.agrees());
    let record = town.core.look(|view| Ok(view.record(resident.person)?)).expect("looks").expect("the person");
    let member = town.core.look(|view| Ok(view.member_of(&village, record.id)?)).expect("looks").expect("a member");
    assert_eq!(member.hash, Some(record_hash(&record, village.kind())), "taken from the stored row");
}
