//! Every key of the policy packs (`domain.md` §9), each with what it gives: clocks on a plain day, over a weekend, over a public
//! holiday and in a year without a holiday table (acceptance check 16); numbers and switches with their value. A key of a pack
//! without a row here fails, and so does a row whose key has gone.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::calendar::Calendar;
use domain::day;
use domain::policy::{self, Pack, PolicyBook, Unit, ZJ_2009, ZJ_2016, key};

/// Which packs have it.
#[derive(Clone, Copy, PartialEq)]
enum In {
    Both,
    Only2016,
    Only2009,
}
use In::{Both, Only2009, Only2016};

/// The days a clock starts on: a Monday; the Thursday before a weekend; the eve of National Day 2026 (off until the 7th); the
/// same eve in 2027, of which nobody has imported a table.
const STARTS: [&str; 4] = ["2026-03-02", "2026-03-05", "2026-09-30", "2027-09-30"];

/// Clocks in days and months: the last day for each of [`STARTS`], and whether days off play a part, so that a missing table is
/// said. Where the end of a row falls on a day off is worked out by hand from the State Council's notice for 2026.
const CLOCKS: &[(&str, In, bool, [&str; 4])] = &[
    // The law's calendar days end on a working day (Civil Code 203): Sunday the 8th moves to Monday, National Day to the 8th.
    ("person.register.due", Both, true, ["2026-03-05", "2026-03-09", "2026-10-08", "2027-10-04"]),
    ("person.change.due", Both, true, ["2026-03-12", "2026-03-16", "2026-10-10", "2027-10-11"]),
    ("permit.issue.due", Only2016, true, ["2026-03-17", "2026-03-20", "2026-10-15", "2027-10-15"]),
    ("permit.issue.max", Only2016, true, ["2026-04-01", "2026-04-07", "2026-10-30", "2027-11-01"]),
    ("permit.change.due", Only2016, true, ["2026-03-12", "2026-03-16", "2026-10-10", "2027-10-11"]),
    // Working days: 3 of them; over National Day the 8th and 9th count, and Saturday the 10th is worked.
    ("landlord.movein.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("landlord.moveout.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("employer.hire.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("employer.leave.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("property.forward.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("broker.report.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("institution.report.due", Both, true, ["2026-03-05", "2026-03-10", "2026-10-10", "2027-10-05"]),
    ("verify.self_report.due", Both, true, ["2026-03-04", "2026-03-09", "2026-10-09", "2027-10-04"]),
    // Our own cycles and thresholds just count days; a missing table changes nothing and is not said.
    ("person.register.stay_threshold_d", Both, false, ["2026-03-05", "2026-03-08", "2026-10-03", "2027-10-03"]),
    ("expiry.handle.due", Both, false, ["2026-03-12", "2026-03-15", "2026-10-10", "2027-10-10"]),
    ("patrol.cycle.green", Both, false, ["2026-06-30", "2026-07-03", "2027-01-28", "2028-01-28"]),
    ("patrol.cycle.yellow", Both, false, ["2026-05-01", "2026-05-04", "2026-11-29", "2027-11-29"]),
    ("patrol.cycle.red", Both, false, ["2026-04-01", "2026-04-04", "2026-10-30", "2027-10-30"]),
    ("patrol.grace", Both, false, ["2026-03-12", "2026-03-15", "2026-10-10", "2027-10-10"]),
    ("hazard.fix.sev1", Both, false, ["2026-04-01", "2026-04-04", "2026-10-30", "2027-10-30"]),
    ("hazard.fix.sev2", Both, false, ["2026-03-17", "2026-03-20", "2026-10-15", "2027-10-15"]),
    ("hazard.fix.sev3", Both, false, ["2026-03-02", "2026-03-05", "2026-09-30", "2027-09-30"]),
    ("grade.late_report_window", Both, false, ["2026-05-31", "2026-06-03", "2026-12-29", "2027-12-29"]),
    ("restore.window", Both, false, ["2026-05-31", "2026-06-03", "2026-12-29", "2027-12-29"]),
    ("continuity_gap_days", Both, false, ["2026-03-02", "2026-03-05", "2026-09-30", "2027-09-30"]),
    ("device.offline_lease", Both, false, ["2026-03-09", "2026-03-12", "2026-10-07", "2027-10-07"]),
    ("letter.validity", Both, false, ["2027-03-02", "2027-03-05", "2027-09-30", "2028-09-30"]),
    ("audit.retention", Both, false, ["2027-03-02", "2027-03-05", "2027-09-30", "2028-09-30"]),
    ("audit.retention.floor", Both, false, ["2026-09-02", "2026-09-05", "2027-03-30", "2028-03-30"]),
    ("permit.endorse.cycle", Only2016, false, ["2027-03-02", "2027-03-05", "2027-09-30", "2028-09-30"]),
    ("permit.endorse.window", Only2016, false, ["2026-04-02", "2026-04-05", "2026-10-30", "2027-10-30"]),
    ("permit.validity", Only2009, false, ["2035-03-02", "2035-03-05", "2035-09-30", "2036-09-30"]),
    ("temp_permit.validity.min", Only2009, false, ["2026-09-02", "2026-09-05", "2027-03-30", "2028-03-30"]),
    ("temp_permit.validity.max", Only2009, false, ["2029-03-02", "2029-03-05", "2029-09-30", "2030-09-30"]),
];

/// Clocks whose number differs between the packs: the last days under 2016, then under 2009.
const TWO_NUMBERS: &[(&str, [[&str; 4]; 2])] = &[
    (
        "relative_home.exempt_max",
        [["2026-04-01", "2026-04-04", "2026-10-30", "2027-10-30"], ["2026-03-17", "2026-03-20", "2026-10-15", "2027-10-15"]],
    ),
    (
        "permit.min_residence",
        [["2026-09-02", "2026-09-05", "2027-03-30", "2028-03-30"], ["2029-03-02", "2029-03-05", "2029-09-30", "2030-09-30"]],
    ),
];

/// Clocks in hours run through weekends and holidays alike, to the minute.
const HOURS: &[(&str, i64)] = &[
    ("foreigner.referral.due", 24),
    ("hmt.referral.due", 24),
    // Where the village's code says that it is in the country.
    ("hmt.referral.rural.due", 72),
    // Used by nothing: what is collected is saved at the door.
    ("entry.after_collection.due", 48),
];

/// Numbers and switches: no date follows from them alone.
const NUMBERS: &[(&str, In, Unit, i64)] = &[
    ("ratio.coordinator", Both, Unit::Count, 500),
    ("station.community", Both, Unit::Count, 200),
    ("station.employer", Both, Unit::Count, 100),
    ("plate.scan.monthly_target", Both, Unit::Percent, 80),
    ("occupancy.min_area_per_person_m2x100", Both, Unit::Count, 400),
    ("occupancy.max_per_room", Both, Unit::Count, 2),
    ("occupancy.large_threshold_beds", Both, Unit::Count, 10),
    ("occupancy.family_exempt", Both, Unit::Switch, 1),
    // Off: a cancellation is a person's decision. No code reads it.
    ("expiry.auto_cancel", Both, Unit::Switch, 0),
    ("offline_submit_counts", Both, Unit::Switch, 0),
    ("count_from_landlord_report", Both, Unit::Switch, 0),
    ("permit.after_temporary", Only2009, Unit::Switch, 1),
    ("permit.all_grounds", Only2009, Unit::Switch, 1),
];

/// Keys of §9 that stand in no pack under that name, and why.
const ABSENT: &[(&str, &str)] = &[
    ("permit.validity in zj-2016", "a permit of 2016 has no last day: it is endorsed once a year"),
    ("permit.issue.due in zj-2009", "that law names no time"),
    ("permit.endorse.window in zj-2009", "that law knows no endorsement"),
    ("permit.change.due in zj-2009", "that law knows no such duty of the holder"),
    ("temp_permit.validity", "two rows: the shortest and the longest, .min and .max"),
    ("person.register.due of Hangzhou (3 wd)", "a county's own row over its pack, when another county has the register"),
];

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date of the test")
}

/// This pack, chosen for every day.
fn book(pack: &str) -> PolicyBook {
    PolicyBook::default().with_choice(on("2009-10-01"), pack).with_choice(on("2016-07-01"), pack)
}

fn packs(which: In) -> &'static [&'static str] {
    match which {
        Both => &[ZJ_2016, ZJ_2009],
        Only2016 => &[ZJ_2016],
        Only2009 => &[ZJ_2009],
    }
}

fn ends(pack: &str, key: &str, counts_days_off: bool, last_days: &[&str; 4]) {
    let (book, calendar) = (book(pack), Calendar::embedded());
    for (start, last) in STARTS.iter().zip(last_days) {
        let due = policy::due(&book, &calendar, key, on(start)).unwrap_or_else(|| panic!("{key} is a clock of {pack}"));
        assert_eq!(due.on, on(last), "{key} of {pack} from {start}");
        assert_eq!((due.pack.as_str(), due.rule.as_str()), (pack, key));
        let table_missing = start.starts_with("2027");
        assert_eq!(due.no_holiday_data, counts_days_off && table_missing, "{key} of {pack} from {start} says what it knew");
        assert!(!counts_days_off || calendar.is_working_day(due.on), "{key} of {pack} from {start} ends on a working day");
    }
}

#[test]
fn every_clock_ends_on_its_day_over_weekends_and_holidays_and_without_a_table() {
    for (key, which, counts_days_off, last_days) in CLOCKS {
        for pack in packs(*which) {
            ends(pack, key, *counts_days_off, last_days);
        }
    }
    for (key, [by_2016, by_2009]) in TWO_NUMBERS {
        ends(ZJ_2016, key, false, by_2016);
        ends(ZJ_2009, key, false, by_2009);
    }
}

/// With the table imported the same clocks know National Day of 2027.
#[test]
fn an_imported_table_takes_the_flag_away() {
    let off = (1..=7).map(|date| (NaiveDate::from_ymd_opt(2027, 10, date).expect("a day of October"), true));
    let calendar = Calendar::embedded().with_year(2027, off);
    for (key, which, counts_days_off, last_days) in CLOCKS.iter().filter(|(_, _, counts, _)| *counts) {
        for pack in packs(*which) {
            let due = policy::due(&book(pack), &calendar, key, on(STARTS[3])).expect("a clock");
            assert!(!due.no_holiday_data && *counts_days_off, "{key} of {pack}");
            assert!(due.on >= on("2027-10-08") && due.on >= on(last_days[3]), "{key} of {pack}: {}", due.on);
        }
    }
}

#[test]
fn hours_run_through_weekends_and_holidays() {
    for (key, hours) in HOURS {
        for pack in [ZJ_2016, ZJ_2009] {
            for start in STARTS {
                let from = day::start_of_day_unix_ms(on(start)) + 17 * 3_600_000 + 30 * 60_000;
                let due = policy::due_hours(&book(pack), key, from).unwrap_or_else(|| panic!("{key} of {pack} runs in hours"));
                let ends = from + hours * 3_600_000;
                assert_eq!(
                    (due.at_unix_ms, due.on, due.no_holiday_data),
                    (Some(ends), day::day_of(ends), false),
                    "{key} from {start}"
                );
                assert!(due.is_on_time(ends) && !due.is_on_time(ends + 1), "{key}: to the last moment");
                assert_eq!(policy::due(&book(pack), &Calendar::embedded(), key, on(start)), None, "{key} is not counted in days");
            }
        }
    }
}

#[test]
fn numbers_and_switches_are_no_clocks() {
    for (key, which, unit, amount) in NUMBERS {
        for pack in packs(*which) {
            let book = book(pack);
            let row = book.row(key, on(STARTS[0])).unwrap_or_else(|| panic!("{key} in {pack}"));
            assert_eq!((row.unit, row.amount), (*unit, *amount), "{key} in {pack}");
            assert_eq!(policy::due(&book, &Calendar::embedded(), key, on(STARTS[0])), None, "{key} ends on no day");
            let switch = (*unit == Unit::Switch).then_some(*amount == 1);
            assert_eq!(policy::switch(&book, key, on(STARTS[0])), switch, "{key} in {pack}");
        }
    }
}

#[test]
fn every_key_of_the_packs_has_its_row_here_and_no_row_is_left_over() {
    let mut listed: Vec<(&str, &str)> = Vec::new();
    let clocks = CLOCKS.iter().map(|(key, which, ..)| (*key, *which));
    let numbers = NUMBERS.iter().map(|(key, which, ..)| (*key, *which));
    let both = TWO_NUMBERS.iter().map(|(key, _)| (*key, Both)).chain(HOURS.iter().map(|(key, _)| (*key, Both)));
    for (key, which) in clocks.chain(numbers).chain(both) {
        listed.extend(packs(which).iter().map(|pack| (*pack, key)));
    }
    let distinct: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(distinct.len(), listed.len(), "a key has one row");
    let shipped: BTreeSet<(&str, &str)> =
        Pack::embedded().iter().flat_map(|pack| pack.rows.iter().map(|row| (pack.pack.as_str(), row.key.as_str()))).collect();
    assert_eq!(distinct, shipped, "a new key gets its row here");
    assert!(key::BOTH.iter().all(|key| shipped.contains(&(ZJ_2016, *key)) && shipped.contains(&(ZJ_2009, *key))));
    for (what, why) in ABSENT {
        let key = what.split(' ').next().expect("begins with the key");
        let pack = what.split(" in ").nth(1);
        assert!(!why.is_empty() && pack.is_none_or(|pack| !shipped.contains(&(pack, key))), "{what} is there now");
    }
}
