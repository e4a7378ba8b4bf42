//! The law's numbers as data, and the due dates computed with them.
//!
//! A *pack* is one version of the rules, a file of rows with effective days. The county chooses a pack from a day on; a due
//! date is computed with the pack of the **event's** day and stored with its inputs, so that a later choice rewrites nothing.

use std::sync::OnceLock;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::calendar::{Calendar, WORKING_DAYS_MAX};
use crate::codes::Channel;
use crate::day;

/// The pack of the provincial regulation in force since 2016-07-01.
pub const ZJ_2016: &str = "zj-2016";
/// The pack of the regulation of 2009, which the county's document of 2010 carries out.
pub const ZJ_2009: &str = "zj-2009";

/// The keys of the rows other rooms ask for by name. Every pack of the project has those marked “both”.
pub mod key {
    /// A resident declares after arriving (both).
    pub const PERSON_REGISTER: &str = "person.register.due";
    /// A resident declares a change (both).
    pub const PERSON_CHANGE: &str = "person.change.due";
    /// Days from which a stay must be registered (both).
    pub const PERSON_STAY_THRESHOLD: &str = "person.register.stay_threshold_d";
    /// Days a guest of near relatives need not register (both).
    pub const RELATIVE_HOME_EXEMPT: &str = "relative_home.exempt_max";
    /// A landlord reports a tenant moving in (both).
    pub const LANDLORD_MOVE_IN: &str = "landlord.movein.due";
    /// A landlord reports a tenant moving out (both).
    pub const LANDLORD_MOVE_OUT: &str = "landlord.moveout.due";
    /// An employer reports a hire (both).
    pub const EMPLOYER_HIRE: &str = "employer.hire.due";
    /// An employer reports a worker leaving (both).
    pub const EMPLOYER_LEAVE: &str = "employer.leave.due";
    /// A property service passes on what it learned (both).
    pub const PROPERTY_FORWARD: &str = "property.forward.due";
    /// A broker reports both sides (both).
    pub const BROKER_REPORT: &str = "broker.report.due";
    /// An institution reports a guest, patient or pupil (both).
    pub const INSTITUTION_REPORT: &str = "institution.report.due";
    /// The police station is told of a foreigner, in hours (both).
    pub const FOREIGNER_REFERRAL: &str = "foreigner.referral.due";
    /// The police station is told of a resident of Hong Kong, Macao or Taiwan, in hours (both).
    pub const HMT_REFERRAL: &str = "hmt.referral.due";
    /// As [`HMT_REFERRAL`], in the country (both).
    pub const HMT_REFERRAL_RURAL: &str = "hmt.referral.rural.due";
    /// Months of residence before a permit (both).
    pub const PERMIT_MIN_RESIDENCE: &str = "permit.min_residence";
    /// A permit is issued after acceptance (2016).
    pub const PERMIT_ISSUE: &str = "permit.issue.due";
    /// A permit holder reports a change (2016).
    pub const PERMIT_CHANGE: &str = "permit.change.due";
    /// Months between two endorsements of a permit (2016).
    pub const PERMIT_ENDORSE_CYCLE: &str = "permit.endorse.cycle";
    /// Months before the full year in which it is endorsed (2016).
    pub const PERMIT_ENDORSE_WINDOW: &str = "permit.endorse.window";
    /// Months a permit is valid (2009).
    pub const PERMIT_VALIDITY: &str = "permit.validity";
    /// Switch: the permit comes after years with a temporary one (2009).
    pub const PERMIT_AFTER_TEMPORARY: &str = "permit.after_temporary";
    /// Switch: a fixed dwelling and stable work are both needed (2009).
    pub const PERMIT_ALL_GROUNDS: &str = "permit.all_grounds";
    /// The shortest temporary permit, in months (2009).
    pub const TEMP_PERMIT_MIN: &str = "temp_permit.validity.min";
    /// The longest temporary permit, in months (2009).
    pub const TEMP_PERMIT_MAX: &str = "temp_permit.validity.max";
    /// A coordinator verifies a report (both).
    pub const VERIFY_REPORT: &str = "verify.self_report.due";
    /// Days after an intended stay's end until somebody is taken to have left, if nobody saw them (both).
    pub const EXPIRY_HANDLE: &str = "expiry.handle.due";
    /// A cancelled registration can be restored (both).
    pub const RESTORE_WINDOW: &str = "restore.window";
    /// Days of absence a restored registration bridges (both).
    pub const CONTINUITY_GAP: &str = "continuity_gap_days";
    /// Days a device may work without a sync (both).
    pub const DEVICE_OFFLINE_LEASE: &str = "device.offline_lease";
    /// Switch: a report stored offline counts from its storing (both, off).
    pub const OFFLINE_SUBMIT_COUNTS: &str = "offline_submit_counts";
    /// Switch: residence counts from the landlord's report (both, off).
    pub const COUNT_FROM_LANDLORD_REPORT: &str = "count_from_landlord_report";
    /// Usable square metres for each person of a room, times 100 (both).
    pub const OCCUPANCY_MIN_AREA: &str = "occupancy.min_area_per_person_m2x100";
    /// People in one room (both).
    pub const OCCUPANCY_MAX_PER_ROOM: &str = "occupancy.max_per_room";
    /// Switch: a family may be more in one room (both, on).
    pub const OCCUPANCY_FAMILY_EXEMPT: &str = "occupancy.family_exempt";
    /// Beds from which a letting is a large one (both).
    pub const OCCUPANCY_LARGE_BEDS: &str = "occupancy.large_threshold_beds";
    /// A hazard of severity 1, 2, 3 is mended (both).
    pub const HAZARD_FIX_SEV1: &str = "hazard.fix.sev1";
    /// As [`HAZARD_FIX_SEV1`].
    pub const HAZARD_FIX_SEV2: &str = "hazard.fix.sev2";
    /// As [`HAZARD_FIX_SEV1`].
    pub const HAZARD_FIX_SEV3: &str = "hazard.fix.sev3";
    /// Days a late report is held against a home's grade (both).
    pub const GRADE_LATE_REPORT_WINDOW: &str = "grade.late_report_window";
    /// Days between two visits of a green home (both).
    pub const PATROL_GREEN: &str = "patrol.cycle.green";
    /// Of a yellow one (both).
    pub const PATROL_YELLOW: &str = "patrol.cycle.yellow";
    /// Of a red one (both).
    pub const PATROL_RED: &str = "patrol.cycle.red";
    /// Days to make a visit in, once it is due (both).
    pub const PATROL_GRACE: &str = "patrol.grace";
    /// How long a letter of responsibility holds (both).
    pub const LETTER_VALIDITY: &str = "letter.validity";
    /// Residents registered last year for each coordinator (both).
    pub const COORDINATOR_RATIO: &str = "ratio.coordinator";

    /// The keys every pack of the project has a row for.
    pub const BOTH: [&str; 36] = [
        PERSON_REGISTER,
        PERSON_CHANGE,
        PERSON_STAY_THRESHOLD,
        RELATIVE_HOME_EXEMPT,
        LANDLORD_MOVE_IN,
        LANDLORD_MOVE_OUT,
        EMPLOYER_HIRE,
        EMPLOYER_LEAVE,
        PROPERTY_FORWARD,
        BROKER_REPORT,
        INSTITUTION_REPORT,
        FOREIGNER_REFERRAL,
        HMT_REFERRAL,
        HMT_REFERRAL_RURAL,
        PERMIT_MIN_RESIDENCE,
        VERIFY_REPORT,
        EXPIRY_HANDLE,
        RESTORE_WINDOW,
        CONTINUITY_GAP,
        DEVICE_OFFLINE_LEASE,
        OFFLINE_SUBMIT_COUNTS,
        COUNT_FROM_LANDLORD_REPORT,
        OCCUPANCY_MIN_AREA,
        OCCUPANCY_MAX_PER_ROOM,
        OCCUPANCY_FAMILY_EXEMPT,
        OCCUPANCY_LARGE_BEDS,
        HAZARD_FIX_SEV1,
        HAZARD_FIX_SEV2,
        HAZARD_FIX_SEV3,
        GRADE_LATE_REPORT_WINDOW,
        PATROL_GREEN,
        PATROL_YELLOW,
        PATROL_RED,
        PATROL_GRACE,
        LETTER_VALIDITY,
        COORDINATOR_RATIO,
    ];
}

/// What an amount counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Working days.
    #[serde(rename = "wd")]
    WorkingDays,
    /// Calendar days.
    #[serde(rename = "d")]
    Days,
    /// Hours.
    #[serde(rename = "h")]
    Hours,
    /// Months, to the last day of a shorter month.
    #[serde(rename = "months")]
    Months,
    /// A number of people or things.
    #[serde(rename = "count")]
    Count,
    /// Hundredths.
    #[serde(rename = "percent")]
    Percent,
    /// 0 is off, 1 is on.
    #[serde(rename = "switch")]
    Switch,
}

/// One number of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it decides, such as `landlord.movein.due`.
    pub key: String,
    /// How many units; 0 or 1 for a switch.
    pub amount: i64,
    /// What the amount counts.
    pub unit: Unit,
    /// The first day it holds.
    pub effective_from: NaiveDate,
    /// The last day it holds; none while it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
    /// Whether calendar days or months that end on a day off end on the next working day (Civil Code 203). Working days do
    /// by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moves_on: bool,
    /// Where the number comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source_note: String,
}

/// One version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Its name, such as `zj-2016`.
    pub pack: String,
    /// The law it writes down.
    #[serde(default)]
    pub title: String,
    /// Its numbers.
    pub rows: Vec<Row>,
}

impl Pack {
    /// The packs shipped with this version.
    pub fn embedded() -> &'static [Pack] {
        static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();
        PACKS.get_or_init(|| {
            let read = |text| serde_json::from_str(text).expect("the shipped packs are read by a test");
            vec![read(include_str!("../data/policy/zj-2009.json")), read(include_str!("../data/policy/zj-2016.json"))]
        })
    }

    fn row(&self, key: &str, on: NaiveDate) -> Option<&Row> {
        self.rows.iter().rev().find(|row| row.holds(key, on))
    }
}

impl Row {
    fn holds(&self, key: &str, on: NaiveDate) -> bool {
        self.key == key && self.effective_from <= on && self.effective_to.is_none_or(|last| on <= last)
    }
}

/// Which pack the county has chosen from which day, with the packs and rows of its own.
///
/// By default the law's history: `zj-2009` for events before 2016-07-01, `zj-2016` from then on. The county's own rows win
/// over its packs, the later one over the earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyBook {
    choices: Vec<Choice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packs: Vec<Pack>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    from: NaiveDate,
    pack: String,
}

impl Default for PolicyBook {
    fn default() -> Self {
        let day = |text: &str| text.parse().expect("a date of this file");
        let choice = |from: &str, pack: &str| Choice { from: day(from), pack: pack.to_owned() };
        Self { choices: vec![choice("2009-10-01", ZJ_2009), choice("2016-07-01", ZJ_2016)], packs: Vec::new(), rows: Vec::new() }
    }
}

impl PolicyBook {
    /// This book with `pack` chosen from the day `from` until the next choice; a choice of the same day is replaced.
    pub fn with_choice(mut self, from: NaiveDate, pack: &str) -> Self {
        self.choices.retain(|choice| choice.from != from);
        self.choices.push(Choice { from, pack: pack.to_owned() });
        self.choices.sort_by_key(|choice| choice.from);
        self
    }

    /// This book with a pack of the county's own; one of the same name, shipped or not, is replaced.
    pub fn with_pack(mut self, pack: Pack) -> Self {
        self.packs.retain(|known| known.pack != pack.pack);
        self.packs.push(pack);
        self
    }

    /// This book with a number of the county's own, which wins over every pack on the days it holds.
    pub fn with_row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// The name of the pack that holds for an event of this day; before the first choice, the first one's.
    pub fn pack_on(&self, on: NaiveDate) -> &str {
        let chosen = self.choices.iter().rev().find(|choice| choice.from <= on).or(self.choices.first());
        chosen.map_or(ZJ_2016, |choice| choice.pack.as_str())
    }

    /// The row that decides `key` for an event of this day; `None` when the rules of that day say nothing about it.
    pub fn row(&self, key: &str, on: NaiveDate) -> Option<&Row> {
        self.rows.iter().rev().find(|row| row.holds(key, on)).or_else(|| {
            let name = self.pack_on(on);
            self.packs.iter().chain(Pack::embedded()).find(|pack| pack.pack == name)?.row(key, on)
        })
    }
}

/// A due date with everything it was computed from, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last day; it ends at 24:00 in Asia/Shanghai (Civil Code 203).
    pub on: NaiveDate,
    /// The exact end of a clock that runs in hours, in Unix milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_unix_ms: Option<i64>,
    /// The pack that held on the day of the event.
    pub pack: String,
    /// The key of the row.
    pub rule: String,
    /// What went in: `event_on` or `event_unix_ms`, `amount`, `unit`, `moves_on`, `holiday_data`.
    pub inputs: Map<String, Value>,
    /// Whether a year without holiday data was counted Monday to Friday; the screens say 未导入节假日.
    #[serde(default)]
    pub no_holiday_data: bool,
}

impl Due {
    /// Whether what the server received at this moment came in time.
    pub fn is_on_time(&self, received_unix_ms: i64) -> bool {
        received_unix_ms < self.ends_unix_ms()
    }

    /// The moment from which something is late, in Unix milliseconds UTC.
    pub fn ends_unix_ms(&self) -> i64 {
        // Of a clock in hours the last millisecond is still in time.
        self.at_unix_ms.map_or_else(|| day::start_of_day_unix_ms(self.on) + day::DAY_MS, |at| at.saturating_add(1))
    }

    /// Both times of a report and whether it came in time: by the server's receipt, or, where the county has switched
    /// `offline_submit_counts` on for the event's day, by the phone's submission.
    pub fn judge(&self, submitted_unix_ms: i64, received_unix_ms: i64, offline_submit_counts: bool) -> Timeliness {
        // A phone's clock can be set; nothing was submitted after it was received.
        let counted = if offline_submit_counts { submitted_unix_ms.min(received_unix_ms) } else { received_unix_ms };
        Timeliness { submitted_unix_ms, received_unix_ms, on_time: self.is_on_time(counted) }
    }
}

/// When a report was submitted and received, and whether that was in time; both times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeliness {
    /// By the phone's clock, Unix milliseconds UTC.
    pub submitted_unix_ms: i64,
    /// By the server's clock, Unix milliseconds UTC.
    pub received_unix_ms: i64,
    /// Whether it came in time.
    pub on_time: bool,
}

/// The due date of `key` for an event of this day, by the pack that held on it; the day of the event is not counted.
///
/// `None` when the rules of that day say nothing about it, or the key runs in hours ([`due_hours`]) or counts no time.
pub fn due(book: &PolicyBook, calendar: &Calendar, key: &str, event_on: NaiveDate) -> Option<Due> {
    let row = book.row(key, event_on)?;
    let amount = u32::try_from(row.amount).ok()?;
    let (on, known) = match row.unit {
        Unit::WorkingDays => calendar.add_working_days(event_on, amount.min(WORKING_DAYS_MAX)),
        Unit::Days => ends(row, calendar, event_on, event_on.checked_add_days(chrono::Days::new(u64::from(amount)))?),
        Unit::Months => ends(row, calendar, event_on, event_on.checked_add_months(Months::new(amount))?),
        Unit::Hours | Unit::Count | Unit::Percent | Unit::Switch => return None,
    };
    let counts_working_days = row.unit == Unit::WorkingDays || row.moves_on;
    let mut inputs = inputs(row);
    inputs.insert("event_on".into(), event_on.to_string().into());
    inputs.insert("holiday_data".into(), (known && counts_working_days).into());
    let pack = book.pack_on(event_on).to_owned();
    Some(Due { on, at_unix_ms: None, pack, rule: key.to_owned(), inputs, no_holiday_data: counts_working_days && !known })
}

/// The due moment of `key` for a clock that runs in hours; `None` as for [`due`], and for keys that count days.
pub fn due_hours(book: &PolicyBook, key: &str, event_unix_ms: i64) -> Option<Due> {
    let event_on = day::day_of(event_unix_ms);
    let row = book.row(key, event_on).filter(|row| row.unit == Unit::Hours)?;
    let at = event_unix_ms.checked_add(row.amount.checked_mul(60 * 60 * 1000)?)?;
    let mut inputs = inputs(row);
    inputs.insert("event_on".into(), event_on.to_string().into());
    inputs.insert("event_unix_ms".into(), event_unix_ms.into());
    let pack = book.pack_on(event_on).to_owned();
    Some(Due { on: day::day_of(at), at_unix_ms: Some(at), pack, rule: key.to_owned(), inputs, no_holiday_data: false })
}

/// The number of `key` on this day, in the row's unit.
pub fn number(book: &PolicyBook, key: &str, on: NaiveDate) -> Option<i64> {
    book.row(key, on).map(|row| row.amount)
}

/// Whether the switch `key` is on; `None` when there is no such switch on this day.
pub fn switch(book: &PolicyBook, key: &str, on: NaiveDate) -> Option<bool> {
    book.row(key, on).filter(|row| row.unit == Unit::Switch).map(|row| row.amount != 0)
}

/// The first day a residence permit can be asked for: the months of the pack after the registration (2016 Art. 16).
pub fn permit_eligible_on(book: &PolicyBook, registered_on: NaiveDate) -> Option<NaiveDate> {
    let row = book.row(key::PERMIT_MIN_RESIDENCE, registered_on).filter(|row| row.unit == Unit::Months)?;
    registered_on.checked_add_months(Months::new(u32::try_from(row.amount).ok()?))
}

/// The day residence counts from (2016 Art. 16): the day the resident declared.
///
/// A landlord's or employer's report only tells the police; the resident declares when the coordinator meets him, unless the
/// county has switched `count_from_landlord_report` on. `reported_on` is kept in either case.
pub fn registered_on(book: &PolicyBook, channel: Channel, reported_on: NaiveDate, confirmed_on: NaiveDate) -> NaiveDate {
    let counts = match channel {
        Channel::FieldApp | Channel::Own | Channel::Counter | Channel::Import => true,
        Channel::Landlord | Channel::Employer => switch(book, key::COUNT_FROM_LANDLORD_REPORT, reported_on).unwrap_or(false),
    };
    if counts { reported_on } else { confirmed_on }
}

/// The end of days or months, moved on to a working day where the row says so, and whether holiday data was known.
fn ends(row: &Row, calendar: &Calendar, event_on: NaiveDate, on: NaiveDate) -> (NaiveDate, bool) {
    if row.moves_on {
        let moved = calendar.working_day_from(on);
        // Only the end is looked up, so only the years it is looked up in matter.
        (moved, calendar.has_years(on.max(event_on), moved))
    } else {
        (on, true)
    }
}

fn inputs(row: &Row) -> Map<String, Value> {
    let mut inputs = Map::new();
    inputs.insert("amount".into(), row.amount.into());
    inputs.insert("unit".into(), serde_json::to_value(row.unit).expect("a unit is a word"));
    if row.moves_on {
        inputs.insert("moves_on".into(), true.into());
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    #[test]
    fn the_shipped_packs_hold_every_named_key() {
        let names: Vec<&str> = Pack::embedded().iter().map(|pack| pack.pack.as_str()).collect();
        assert_eq!(names, [ZJ_2009, ZJ_2016]);
        for pack in Pack::embedded() {
            for key in key::BOTH {
                assert!(pack.row(key, on("2026-01-01")).is_some(), "{key} in {}", pack.pack);
            }
            let mut keys: Vec<&str> = pack.rows.iter().map(|row| row.key.as_str()).collect();
            keys.sort_unstable();
            assert!(keys.windows(2).all(|pair| pair[0] != pair[1]), "a key stands once in {}", pack.pack);
            assert!(pack.rows.iter().all(|row| !row.source_note.is_empty()), "every number says where it comes from");
        }
        assert!(Pack::embedded()[1].row(key::PERMIT_ISSUE, on("2026-01-01")).is_some());
        assert!(Pack::embedded()[1].row(key::PERMIT_CHANGE, on("2026-01-01")).is_some());
    }

    #[test]
    fn the_pack_is_that_of_the_events_day() {
        let book = PolicyBook::default().with_choice(on("2026-03-01"), ZJ_2009);
        for (day, pack) in [
            ("2012-01-01", ZJ_2009),
            ("2016-06-30", ZJ_2009),
            ("2016-07-01", ZJ_2016),
            ("2026-02-28", ZJ_2016),
            ("2026-03-01", ZJ_2009),
        ] {
            assert_eq!(book.pack_on(on(day)), pack, "{day}");
        }
        assert_eq!(number(&book, key::RELATIVE_HOME_EXEMPT, on("2026-02-28")), Some(30));
        assert_eq!(number(&book, key::RELATIVE_HOME_EXEMPT, on("2026-03-01")), Some(15));
        assert_eq!(book.row(key::PERSON_REGISTER, on("2005-01-01")), None, "before both laws there is no rule to apply");
        let json = serde_json::to_string(&book).expect("serialises");
        assert_eq!(serde_json::from_str::<PolicyBook>(&json).expect("reads"), book);
    }

    #[test]
    fn the_countys_own_row_wins_on_its_days() {
        let mine = Row {
            key: key::OFFLINE_SUBMIT_COUNTS.into(),
            amount: 1,
            unit: Unit::Switch,
            effective_from: on("2026-05-01"),
            effective_to: Some(on("2026-05-31")),
            moves_on: false,
            source_note: String::new(),
        };
        let book = PolicyBook::default().with_row(mine);
        for (day, counts) in [("2026-04-30", false), ("2026-05-01", true), ("2026-05-31", true), ("2026-06-01", false)] {
            assert_eq!(switch(&book, key::OFFLINE_SUBMIT_COUNTS, on(day)), Some(counts), "{day}");
        }
        assert_eq!(switch(&book, key::LANDLORD_MOVE_IN, on("2026-05-01")), None, "a number is no switch");
    }

    #[test]
    fn calendar_days_of_the_law_do_not_end_on_a_holiday() {
        let (book, calendar) = (PolicyBook::default(), Calendar::embedded());
        let due_on = |key: &str, event: &str| due(&book, &calendar, key, on(event)).map(|due| due.on);
        assert_eq!(due_on(key::PERSON_REGISTER, "2026-03-02"), Some(on("2026-03-05")));
        assert_eq!(due_on(key::PERSON_CHANGE, "2026-09-23"), Some(on("2026-10-08")), "3 October is a holiday (Civil Code 203)");
        assert_eq!(due_on("patrol.cycle.red", "2026-09-03"), Some(on("2026-10-03")), "our own cycles just count days");
        assert_eq!(due_on("no.such.key", "2026-09-03"), None);
        assert_eq!(due_on(key::FOREIGNER_REFERRAL, "2026-09-03"), None, "hours need a moment");
    }

    #[test]
    fn hours_run_from_the_moment() {
        let event = day::start_of_day_unix_ms(on("2026-02-28")) + 18 * 60 * 60 * 1000;
        let due = due_hours(&PolicyBook::default(), key::FOREIGNER_REFERRAL, event).expect("24 hours");
        assert_eq!((due.on, due.at_unix_ms), (on("2026-03-01"), Some(event + day::DAY_MS)));
        assert!(due.is_on_time(event + day::DAY_MS) && !due.is_on_time(event + day::DAY_MS + 1));
        let rural = due_hours(&PolicyBook::default(), key::HMT_REFERRAL_RURAL, event).expect("72 hours");
        assert_eq!(rural.at_unix_ms, Some(event + 3 * day::DAY_MS));
        assert_eq!(due_hours(&PolicyBook::default(), key::LANDLORD_MOVE_IN, event), None);
        assert_eq!(due_hours(&PolicyBook::default(), key::HMT_REFERRAL, i64::MAX), None);
    }
}
