//! A referral: what the station needs to know, on a page of its own, and taken back from there.

use domain::area::Area;
use domain::codes::Sex;
use domain::id_document::DocType;
use domain::kind;
use domain::person::ResidentForm;
use ui_protocol::ErrorCode;
use ui_protocol::history::History;
use ui_protocol::people::{RevealDocument, SaveResident, UndoMistake};
use ui_protocol::reports::{Referral, ReferralHanded};
use ui_protocol::today::{Today, TodayKind};
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

/// A community of the county town.
pub(crate) const TOWN: &str = "330822001001";
const CARD: &str = "810000199001010019";

/// A county with that community in it.
pub(crate) fn with_town() -> World {
    let world = World::new();
    let (code, name) = (TOWN.to_owned(), "东明社区".to_owned());
    let town = Area { code, name, level: "village".to_owned(), parent: "330822001000".to_owned() };
    world.core.import_areas(vec![town]).expect("an area");
    world
}

fn refer(world: &World, actor: &Actor, area: &str, doc_type: DocType, doc_no: &str) -> (domain::RecordId, i64) {
    let form = ResidentForm {
        unit: Some(actor.home(area, "8号", "13905700099", "")),
        doc_type,
        doc_no: doc_no.to_owned(),
        name: "陈大文".to_owned(),
        birth: "1990-01-01".to_owned(),
        sex: Sex::from_code("1"),
        phone: "13905700088".to_owned(),
        hukou_region: "330822".to_owned(),
        arrival_on: domain::day::day_of(world.time.now()).to_string(),
        ..ResidentForm::default()
    };
    let now = world.time.now();
    let saved = actor.ask(SaveResident { form, although_known: false, returning: None, draft: None });
    let (id, due) = saved.referral.expect("a referral");
    (id, (due.at_unix_ms.expect("a clock in hours") - now) / 3_600_000)
}

#[test]
fn in_the_country_there_are_three_days_and_in_town_one() {
    let world = with_town();
    for (login, area, hours) in [("wang", TOWN, 24), ("li", DONG, 72)] {
        let actor = world.coordinator(login, area);
        assert_eq!(refer(&world, &actor, area, DocType::Hmrp, CARD).1, hours, "{area}");
    }
    // A foreigner has one day wherever he stays.
    let sun = world.coordinator("sun", DONG);
    assert_eq!(refer(&world, &sun, DONG, DocType::Pp, "E12345678").1, 24);
}

#[test]
fn a_referral_has_a_page_with_what_the_station_asks_and_is_taken_back_from_there() {
    let world = with_town();
    let (wang, li) = (world.coordinator("wang", TOWN), world.coordinator("li", TOWN));
    let (id, _) = refer(&world, &wang, TOWN, DocType::Hmrp, CARD);
    let view = wang.ask(Referral { id });
    assert_eq!((view.name.as_str(), view.phone.as_str(), view.home.as_str()), ("陈大文", "13905700088", "文峰路8号"));
    assert!(view.open && view.can_undo && view.due.is_some());
    assert!(view.document.contains('*') && !view.document.contains(CARD), "masked");
    assert_eq!(wang.ask(RevealDocument { person: id }).doc_no, CARD, "shown on a tap");
    wang.sync();
    li.sync();
    let seen = li.ask(Referral { id });
    assert_eq!((seen.can_undo, seen.name.as_str()), (false, "陈大文"), "only by whoever entered it");
    li.ask(ReferralHanded { id });
    assert!(!li.ask(Referral { id }).open);
    li.sync();
    wang.sync();
    let after = wang.ask(Referral { id });
    assert_eq!((after.open, after.can_undo), (false, false), "somebody has gone on with it");
    let told = wang.ask(History { id });
    assert!(told.lines.iter().any(|line| line.kind == kind::REFERRAL && line.about == "陈大文"));
    assert_eq!(told.page.map(|page| page.id), Some(id));

    let (slip, _) = refer(&world, &li, TOWN, DocType::Hmrp, "820000199001010029");
    let rows = |actor: &Actor| actor.ask(Today { kind: Some(TodayKind::Referral), ..Today::default() }).total;
    assert_eq!(rows(&li), 1);
    li.ask(UndoMistake { record: slip });
    assert_eq!(rows(&li), 0);
    assert_eq!(li.try_ask(Referral { id: slip }).map_err(|error| error.code).err(), Some(ErrorCode::NotFound));
    assert_eq!(li.sync().refused_open, 0);
}
