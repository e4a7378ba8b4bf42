//! The vectors of the design (`domain.md` §4.2, §4.6) and the pure parts of its acceptance checks (§11), as tables.

use chrono::{Datelike, NaiveDate};
use domain::address;
use domain::calendar::Calendar;
use domain::codes::{Channel, Sex};
use domain::day;
use domain::id_document::{self, DocType, DocumentFacts, DocumentProblem, DocumentWarning, ReferralKind};
use domain::policy::{self, Due, PolicyBook, ZJ_2009, ZJ_2016, key};
use domain::region::{self, HukouProblem};
use domain::rooms;
use domain::text;
use proptest::prelude::*;

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date of the test")
}

/// A moment of the county's day, in Unix milliseconds.
fn at(date: &str, hour: i64, minute: i64) -> i64 {
    day::start_of_day_unix_ms(on(date)) + (hour * 60 + minute) * 60_000
}

fn today() -> NaiveDate {
    on("2026-11-23")
}

fn movein(book: &PolicyBook, event: &str) -> Due {
    policy::due(book, &Calendar::embedded(), key::LANDLORD_MOVE_IN, on(event)).expect("every pack has the landlord's duty")
}

// ---- §4.2 numbers --------------------------------------------------------------------------------------------------------

#[test]
fn a_valid_number_tells_birth_sex_and_region() {
    let rows = [
        (DocType::Id, "11010519491231002X", "1949-12-31", Sex::Female, Some("110105")),
        (DocType::Id, "330822199003070012", "1990-03-07", Sex::Male, Some("330822")),
        (DocType::Id, "330822199003070020", "1990-03-07", Sex::Female, Some("330822")),
        (DocType::Tid, "330822199003070012", "1990-03-07", Sex::Male, Some("330822")),
        (DocType::Hkb, "330822199003070020", "1990-03-07", Sex::Female, Some("330822")),
        (DocType::Hmrp, "810000199001010019", "1990-01-01", Sex::Male, Some("810000")),
        (DocType::Hmrp, "820000199001010029", "1990-01-01", Sex::Female, Some("820000")),
        (DocType::Twrp, "830000199001010012", "1990-01-01", Sex::Male, Some("830000")),
        (DocType::Fpr, "91100119900101001X", "1990-01-01", Sex::Male, None),
    ];
    for (doc_type, doc_no, birth, sex, region) in rows {
        let facts = DocumentFacts {
            doc_no: doc_no.to_owned(),
            birth: Some(on(birth)),
            sex: Some(sex),
            region: region.map(str::to_owned),
            warning: None,
        };
        assert_eq!(id_document::check(doc_type, doc_no, today()), Ok(facts), "{doc_no}");
        assert_eq!(id_document::check_digit(&doc_no[..17]), doc_no.chars().last(), "{doc_no}");
    }
}

#[test]
fn the_standards_own_example_has_a_right_check_digit_and_nobody_of_1880_is_registered() {
    // §4.2 lists the number as valid and asks for 1900 or later in the same breath: the digit is right, the person is not alive.
    assert_eq!(id_document::check_digit("44052418800101001"), Some('4'));
    assert_eq!(id_document::check(DocType::Id, "440524188001010014", today()), Err(DocumentProblem::TooOld));
}

#[test]
fn a_wrong_number_says_what_is_wrong_in_the_order_one_mends_it() {
    use DocumentProblem as P;
    let rows = [
        ("", P::Empty),
        (" 　", P::Empty),
        ("33082219900307001", P::Length { got: 17 }),
        ("3308221990030700122", P::Length { got: 19 }),
        ("三三零八二二", P::Length { got: 6 }),
        ("330822900307001", P::FirstGeneration),
        ("33082290030700A", P::Length { got: 15 }),
        ("33082219900307001A", P::BadCharacters),
        ("3308221990O3070012", P::BadCharacters),
        ("X30822199003070012", P::BadCharacters),
        ("33082219900307001😀", P::BadCharacters),
        ("990822199003070012", P::UseFpr),
        ("010822199003070012", P::Province),
        ("550822199003070012", P::Province),
        ("330822199002300015", P::Date),
        ("330822199013070012", P::Date),
        ("330822000000000012", P::Date),
        ("330822189912310012", P::TooOld),
        ("330822202611240012", P::Future),
        ("330822299901010012", P::Future),
        ("330822199003070013", P::CheckDigit),
        ("33082219900307001X", P::CheckDigit),
        ("330822199003070021", P::CheckDigit),
        ("810000199001010019", P::UseHmrp),
        ("820000199001010029", P::UseHmrp),
        ("830000199001010012", P::UseTwrp),
        ("91100119900101001X", P::UseFpr),
    ];
    for (doc_no, problem) in rows {
        assert_eq!(id_document::check(DocType::Id, doc_no, today()), Err(problem), "{doc_no:?}");
    }
}

#[test]
fn a_number_is_read_through_the_ways_people_type_it() {
    for typed in ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002x"]
    {
        let doc_no = id_document::check(DocType::Id, typed, today()).map(|facts| facts.doc_no);
        assert_eq!(doc_no.as_deref(), Ok("11010519491231002X"), "{typed:?}");
    }
}

#[test]
fn somebody_born_today_may_be_registered() {
    let first17 = "33082220261123001";
    let doc_no = format!("{first17}{}", id_document::check_digit(first17).expect("17 digits"));
    assert_eq!(id_document::check(DocType::Hkb, &doc_no, today()).map(|facts| facts.birth), Ok(Some(today())));
    assert_eq!(id_document::check(DocType::Hkb, &doc_no, on("2026-11-22")), Err(DocumentProblem::Future));
}

#[test]
fn check_8_a_right_checksum_does_not_save_the_30th_of_february() {
    let doc_no = "330822199002300015";
    assert_eq!(id_document::check_digit(&doc_no[..17]), Some('5'), "the checksum is right");
    assert_eq!(id_document::check(DocType::Id, doc_no, today()), Err(DocumentProblem::Date));
}

#[test]
fn check_9_a_hong_kong_card_is_its_own_kind_and_becomes_a_referral() {
    let doc_no = "810000199001010019";
    assert_eq!(id_document::check(DocType::Id, doc_no, today()), Err(DocumentProblem::UseHmrp));
    assert!(id_document::check(DocType::Hmrp, doc_no, today()).is_ok());
    assert_eq!(DocType::Hmrp.referral(), Some(ReferralKind::HongKongMacaoTaiwan), "a referral has no hukou to check");
    let seen = at("2026-11-23", 9, 30);
    let due = policy::due_hours(&PolicyBook::default(), key::HMT_REFERRAL, seen).expect("a clock of 24 hours");
    assert_eq!((due.on, due.at_unix_ms), (on("2026-11-24"), Some(seen + 24 * 60 * 60 * 1000)));
}

#[test]
fn the_other_documents_have_their_own_forms() {
    use DocumentProblem as P;
    use DocumentWarning as W;
    type Row = (DocType, &'static str, Result<Option<W>, P>);
    let rows: [Row; 28] = [
        (DocType::Hmrp, "330822199003070012", Err(P::Format)),
        (DocType::Hmrp, "830000199001010012", Err(P::Format)),
        (DocType::Hmrp, "810000199001010018", Err(P::CheckDigit)),
        (DocType::Hmrp, "810001199001010019", Err(P::Format)),
        (DocType::Twrp, "810000199001010019", Err(P::Format)),
        (DocType::Bc, "p123456789", Ok(None)),
        (DocType::Bc, "1234567890", Err(P::Format)),
        (DocType::Hmtp, "H12345678", Ok(None)),
        (DocType::Hmtp, "M1234567801", Ok(None)),
        (DocType::Hmtp, "H123456789", Err(P::Format)),
        (DocType::Hmtp, "K12345678", Err(P::Format)),
        (DocType::Twtp, "12345678", Ok(None)),
        (DocType::Twtp, "T123456789(A)", Err(P::Format)),
        (DocType::Twtp, "1234567801B", Ok(Some(W::UnusualFormat))),
        (DocType::Pp, "C01X00T47", Ok(None)),
        (DocType::Pp, "E12345678", Ok(Some(W::ChinesePassport))),
        (DocType::Pp, "EA1234567", Ok(Some(W::ChinesePassport))),
        (DocType::Pp, "AB12", Err(P::Format)),
        (DocType::Pp, "护照12345", Err(P::Format)),
        (DocType::Fpr, "USA110112345678", Ok(None)),
        (DocType::Fpr, "US1110112345678", Err(P::Format)),
        (DocType::Fpr, "911001199001010011", Err(P::CheckDigit)),
        (DocType::Fpr, "330822199003070012", Err(P::Format)),
        (DocType::Oth, "军字第12345号", Ok(None)),
        (DocType::Oth, "1234567890123456789012345678901", Err(P::TooLong)),
        (DocType::Oth, "12\u{7}34", Err(P::BadCharacters)),
        (DocType::None, "", Ok(None)),
        (DocType::None, "12345", Err(P::Format)),
    ];
    for (doc_type, doc_no, expected) in rows {
        let warning = id_document::check(doc_type, doc_no, today()).map(|facts| facts.warning);
        assert_eq!(warning, expected, "{} {doc_no:?}", doc_type.code());
    }
    assert_eq!(id_document::check_note(DocType::None, " "), Err(P::NoteNeeded));
    assert_eq!(id_document::check_note(DocType::None, "自称贵州人"), Ok(()));
    assert_eq!(id_document::check_note(DocType::Id, ""), Ok(()));
    for doc_type in DocType::ALL {
        assert_eq!(id_document::check(*doc_type, "", today()).is_ok(), *doc_type == DocType::None, "only “none” needs no number");
    }
}

#[test]
fn only_people_from_outside_are_referred() {
    let referred: Vec<&str> = DocType::ALL.iter().filter(|kind| kind.referral().is_some()).map(|kind| kind.code()).collect();
    assert_eq!(referred, ["HMRP", "TWRP", "HMTP", "TWTP", "PP", "FPR"]);
    let digits: Vec<&str> = DocType::ALL.iter().filter(|kind| kind.has_check_digit()).map(|kind| kind.code()).collect();
    assert_eq!(digits, ["ID", "TID", "HKB", "HMRP", "TWRP"]);
}

#[cfg(feature = "regions")]
#[test]
fn an_unknown_region_warns_and_an_abolished_one_does_not() {
    for (region, warning) in
        [("339999", Some(DocumentWarning::UnknownRegion)), ("362323", None), ("440524", None), ("330822", None)]
    {
        let first17 = format!("{region}19900307001");
        let doc_no = format!("{first17}{}", id_document::check_digit(&first17).expect("17 digits"));
        assert_eq!(id_document::check(DocType::Id, &doc_no, today()).map(|facts| facts.warning), Ok(warning), "{region}");
    }
}

#[test]
fn the_hukou_decides_and_not_the_number() {
    // A number that begins with this county's code belongs to many who have long had their hukou elsewhere.
    let facts = id_document::check(DocType::Id, "330822199003070012", today()).expect("valid");
    assert_eq!(facts.region.as_deref(), Some(region::CHANGSHAN));
    assert_eq!(region::check_hukou("361123"), Ok(()));
    assert_eq!(region::check_hukou(region::CHANGSHAN), Err(HukouProblem::InsideCounty));
}

// ---- §4.6 working days ---------------------------------------------------------------------------------------------------

#[test]
fn three_working_days_end_where_the_state_councils_notice_says() {
    let rows = [
        ("2026-02-12", "2026-02-24"),
        ("2026-02-13", "2026-02-25"),
        ("2026-04-30", "2026-05-08"),
        ("2026-06-18", "2026-06-24"),
        ("2026-09-30", "2026-10-10"),
        ("2025-09-30", "2025-10-11"),
        ("2026-01-01", "2026-01-06"),
    ];
    let calendar = Calendar::embedded();
    for (event, due) in rows {
        assert_eq!(calendar.add_working_days(on(event), 3), (on(due), true), "from {event}");
        assert_eq!(calendar.working_days_between(on(event), on(due)), 3, "the countdown on {event}");
        for pack in [ZJ_2009, ZJ_2016] {
            let book = PolicyBook::default().with_choice(on("2009-10-01"), pack).with_choice(on("2016-07-01"), pack);
            let computed = movein(&book, event);
            assert_eq!((computed.on, computed.pack.as_str(), computed.no_holiday_data), (on(due), pack, false), "from {event}");
        }
    }
}

// ---- §11 acceptance checks -----------------------------------------------------------------------------------------------

#[test]
fn check_1_a_due_day_ends_at_midnight() {
    let due = movein(&PolicyBook::default(), "2026-02-12");
    assert_eq!(due.on, on("2026-02-24"));
    let rows = [
        (at("2026-02-24", 23, 50), true),
        (at("2026-02-24", 24, 0) - 1, true),
        (at("2026-02-25", 0, 0), false),
        (at("2026-02-25", 0, 10), false),
    ];
    for (received, in_time) in rows {
        assert_eq!(due.is_on_time(received), in_time, "received at {received}");
    }
}

#[test]
fn check_2_a_report_stored_offline_counts_when_it_arrives() {
    let due = movein(&PolicyBook::default(), "2026-02-12");
    let (stored, delivered) = (at("2026-02-24", 10, 0), at("2026-02-26", 9, 0));
    let counts = policy::switch(&PolicyBook::default(), key::OFFLINE_SUBMIT_COUNTS, on("2026-02-12"));
    assert_eq!(counts, Some(false), "the default");
    let judged = due.judge(stored, delivered, false);
    assert_eq!(
        (judged.submitted_unix_ms, judged.received_unix_ms, judged.on_time),
        (stored, delivered, false),
        "both times, late"
    );
    assert!(due.judge(stored, delivered, true).on_time, "a county may switch it");
    assert!(due.judge(at("2036-01-01", 0, 0), stored, true).on_time, "a phone set to 2036 was not late");
}

#[test]
fn check_3_residence_counts_from_the_residents_own_declaration() {
    let book = PolicyBook::default();
    let (reported, confirmed) = (on("2026-01-10"), on("2026-01-14"));
    let rows = [
        (Channel::Own, "2026-01-10", "2026-07-10"),
        (Channel::Counter, "2026-01-10", "2026-07-10"),
        (Channel::Landlord, "2026-01-14", "2026-07-14"),
        (Channel::Employer, "2026-01-14", "2026-07-14"),
    ];
    for (channel, registered, eligible) in rows {
        let registered_on = policy::registered_on(&book, channel, reported, confirmed);
        assert_eq!(registered_on, on(registered), "{}", channel.code());
        assert_eq!(policy::permit_eligible_on(&book, registered_on), Some(on(eligible)), "{}", channel.code());
    }
    let row = policy::Row { amount: 1, ..book.row(key::COUNT_FROM_LANDLORD_REPORT, reported).expect("a switch").clone() };
    let switched = book.with_row(row);
    assert_eq!(policy::registered_on(&switched, Channel::Landlord, reported, confirmed), reported, "switchable");
}

#[test]
fn half_a_year_ends_on_the_last_day_of_a_shorter_month() {
    let book = PolicyBook::default();
    for (registered, eligible) in [("2026-08-31", "2027-02-28"), ("2027-08-31", "2028-02-29"), ("2026-03-31", "2026-09-30")] {
        assert_eq!(policy::permit_eligible_on(&book, on(registered)), Some(on(eligible)), "{registered}");
    }
    let old = PolicyBook::default().with_choice(on("2016-07-01"), ZJ_2009);
    assert_eq!(policy::permit_eligible_on(&old, on("2026-01-10")), Some(on("2029-01-10")), "three years by the text of 2009");
}

#[test]
fn check_16_a_year_without_holiday_data_counts_monday_to_friday_and_says_so() {
    let due = movein(&PolicyBook::default(), "2027-09-30");
    assert_eq!((due.on, due.no_holiday_data), (on("2027-10-05"), true), "Thursday to Tuesday, National Day unknown");
    assert_eq!(due.inputs.get("holiday_data"), Some(&false.into()));
    let over_new_year = movein(&PolicyBook::default(), "2026-12-30");
    assert_eq!((over_new_year.on, over_new_year.no_holiday_data), (on("2027-01-04"), true), "one unknown year is enough");
    let imported = Calendar::embedded().with_year(2027, [(on("2027-01-01"), true), (on("2027-01-04"), true)]);
    let again = policy::due(&PolicyBook::default(), &imported, key::LANDLORD_MOVE_IN, on("2026-12-30")).expect("a duty");
    assert_eq!((again.on, again.no_holiday_data), (on("2027-01-06"), false), "imported, the flag goes");
}

#[test]
fn check_18_a_later_choice_of_pack_leaves_a_stored_due_date_alone() {
    let calendar = Calendar::embedded();
    let before = PolicyBook::default();
    let event = on("2026-03-02");
    let stored = policy::due(&before, &calendar, key::PERMIT_MIN_RESIDENCE, event).expect("a duty");
    let json = serde_json::to_string(&stored).expect("serialises");
    let after = before.with_choice(on("2026-06-01"), ZJ_2009);
    let computed_again = policy::due(&after, &calendar, key::PERMIT_MIN_RESIDENCE, event);
    assert_eq!(computed_again.as_ref(), Some(&stored), "the event is older than the choice");
    assert_eq!(serde_json::from_str::<Due>(&json).expect("reads"), stored, "what is stored holds its inputs");
    let since = policy::due(&after, &calendar, key::PERMIT_MIN_RESIDENCE, on("2026-06-02")).expect("a duty");
    assert_eq!((since.pack.as_str(), since.on), (ZJ_2009, on("2029-06-02")), "events after the choice follow it");
}

#[test]
fn a_stored_due_date_names_its_inputs() {
    let json = serde_json::to_value(movein(&PolicyBook::default(), "2026-02-12")).expect("serialises");
    let expected = serde_json::json!({
        "on": "2026-02-24",
        "pack": "zj-2016",
        "rule": "landlord.movein.due",
        "inputs": { "event_on": "2026-02-12", "amount": 3, "unit": "wd", "holiday_data": true },
        "no_holiday_data": false,
    });
    assert_eq!(json, expected);
}

// ---- laws ----------------------------------------------------------------------------------------------------------------

/// Text of the kind that reaches an address or a list of rooms, and of every other kind.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9０-９A-Ca-c一二三九十百千零〇第号幢栋单元室层楼房路浙江省衢州市常山县 　#＃()（）·,，、~～至 -]{0,24}",
    ]
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (2000i32..2100, 1u32..=366).prop_filter_map("a day of the year", |(year, ordinal)| NaiveDate::from_yo_opt(year, ordinal))
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(text in typed()) {
        let key = address::norm_key(&text);
        prop_assert_eq!(address::norm_key(&key), key);
    }

    #[test]
    fn rooms_are_few_and_different(text in typed()) {
        if let Ok(expanded) = rooms::expand(&text) {
            prop_assert!(!expanded.is_empty() && expanded.len() <= rooms::ROOMS_MAX);
            let different: std::collections::BTreeSet<&String> = expanded.iter().collect();
            prop_assert_eq!(different.len(), expanded.len());
            prop_assert!(expanded.iter().all(|room| !room.is_empty() && room.chars().count() <= rooms::LABEL_MAX));
        }
    }

    #[test]
    fn a_range_holds_what_it_says(first in 1u32..500, more in 0u32..199) {
        let expanded = rooms::expand(&format!("{first}-{}", first + more)).expect("a range");
        prop_assert_eq!(expanded, (first..=first + more).map(|room| room.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn a_due_date_is_a_working_day_counted_in_working_days(from in any_day(), count in 0u32..40) {
        let calendar = Calendar::embedded();
        let (due, known) = calendar.add_working_days(from, count);
        prop_assert!(calendar.is_working_day(due) && due >= from);
        prop_assert_eq!(known, (from.year()..=due.year()).all(|year| calendar.has_year(year)));
        if count > 0 {
            prop_assert_eq!(calendar.working_days_between(from, due), i64::from(count));
            prop_assert_eq!(calendar.working_days_between(due, from), -i64::from(count));
        }
    }

    #[test]
    fn a_moment_lies_in_its_day(unix_ms in -4_000_000_000_000i64..8_000_000_000_000) {
        let start = day::start_of_day_unix_ms(day::day_of(unix_ms));
        prop_assert!((start..start + day::DAY_MS).contains(&unix_ms));
        prop_assert_eq!(i64::from(day::minute_of_day(unix_ms)), (unix_ms - start) / 60_000);
    }

    #[test]
    fn a_made_up_number_with_its_check_digit_is_valid_and_with_another_is_not(birth in any_day(), sequence in 0u32..1000, wrong in 0usize..11) {
        let today = on("2100-12-31");
        let first17 = format!("330822{}{sequence:03}", birth.format("%Y%m%d"));
        let digit = id_document::check_digit(&first17).expect("17 digits");
        let facts = id_document::check(DocType::Id, &format!("{first17}{digit}"), today).expect("valid");
        prop_assert_eq!((facts.birth, facts.sex), (Some(birth), Some(if sequence % 2 == 1 { Sex::Male } else { Sex::Female })));
        let other = "0123456789X".chars().nth(wrong).expect("eleven digits");
        if other != digit {
            prop_assert_eq!(id_document::check(DocType::Id, &format!("{first17}{other}"), today), Err(DocumentProblem::CheckDigit));
        }
    }

    #[test]
    fn no_text_makes_the_rules_panic(text in any::<String>(), kind in 0..DocType::ALL.len()) {
        let _ = id_document::check(DocType::ALL[kind], &text, on("2026-11-23"));
        let _ = (id_document::mask(&text), id_document::tail(&text), text::mask_name(&text), text::mask_phone(&text));
        let _ = (text::check_phone(&text), text::check_note(&text, 100), region::check_hukou(&text));
        if let Ok(name) = text::check_name(&text) {
            prop_assert_eq!(text::check_name(&name), Ok(name.clone()), "a stored name is stored as it is");
        }
    }

    #[test]
    fn a_checked_name_is_its_own_name(text in "[王小明𠮷A-Zé ·•．.'’ -]{0,12}") {
        if let Ok(name) = text::check_name(&text) {
            prop_assert_eq!(text::check_name(&name), Ok(name.clone()));
        }
    }
}
