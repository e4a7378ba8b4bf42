//! Items RS01 and RS02 of the safety check, computed from rooms and how many live in them. The numbers are the pack's.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::checklist::Answer;
use crate::policy::{PolicyBook, key, number, switch};

/// The numbers that held on a day, as they are stored with a check: a later pack rewrites no check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The pack they come from.
    pub pack: String,
    /// Usable square metres for each person, times 100.
    pub min_area_per_person_m2x100: i64,
    /// People in one room.
    pub max_per_room: i64,
    /// Whether a family may be more.
    pub family_exempt: bool,
    /// Beds from which a letting is a large one.
    pub large_threshold_beds: i64,
}

impl Limits {
    /// Those of the pack of this day; `None` when the rules of that day have no such numbers.
    pub fn on(book: &PolicyBook, day: NaiveDate) -> Option<Limits> {
        Some(Limits {
            pack: book.pack_on(day).to_owned(),
            min_area_per_person_m2x100: number(book, key::OCCUPANCY_MIN_AREA, day)?,
            max_per_room: number(book, key::OCCUPANCY_MAX_PER_ROOM, day)?,
            family_exempt: switch(book, key::OCCUPANCY_FAMILY_EXEMPT, day)?,
            large_threshold_beds: number(book, key::OCCUPANCY_LARGE_BEDS, day)?,
        })
    }

    /// Whether so many beds make a large letting, for which more is asked.
    pub fn is_large(&self, beds: i64) -> bool {
        beds >= self.large_threshold_beds
    }
}

/// A room as it was measured and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Usable square metres times 100; none when it was not measured.
    pub usable_m2x100: Option<i64>,
    /// Who sleeps there.
    pub people: i64,
    /// Whether they are one family.
    pub family: bool,
}

/// What was found about one room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Enough, or not too many.
    Pass,
    /// Too little, or too many.
    Fail,
    /// More than the number, and a family.
    FamilyExempt,
    /// Nobody sleeps there.
    Empty,
    /// Not measured.
    NotMeasured,
}

/// RS01 of a room: usable area for each person. Computed for a family too: space is needed by everybody.
pub fn area(room: Room, limits: &Limits) -> Finding {
    if room.people <= 0 {
        return Finding::Empty;
    }
    match room.usable_m2x100 {
        None => Finding::NotMeasured,
        // No division: 7 m² for two is 700 < 400 × 2.
        Some(usable) if usable < limits.min_area_per_person_m2x100.saturating_mul(room.people) => Finding::Fail,
        Some(_) => Finding::Pass,
    }
}

/// RS02 of a room: how many. A family may be more where the pack says so.
pub fn heads(room: Room, limits: &Limits) -> Finding {
    if room.people <= 0 {
        Finding::Empty
    } else if room.people <= limits.max_per_room {
        Finding::Pass
    } else if room.family && limits.family_exempt {
        Finding::FamilyExempt
    } else {
        Finding::Fail
    }
}

/// The answer of an item from its rooms: one room that fails is enough; what was not measured is not in order either.
pub fn answer(findings: impl IntoIterator<Item = Finding>) -> Answer {
    let found: Vec<Finding> = findings.into_iter().collect();
    if found.contains(&Finding::Fail) {
        Answer::Fail
    } else if found.is_empty() || found.contains(&Finding::NotMeasured) {
        Answer::NotChecked
    } else if found.contains(&Finding::Pass) {
        Answer::Pass
    } else {
        Answer::NotApplicable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::on(&PolicyBook::default(), "2026-11-23".parse().expect("a date")).expect("both packs have the numbers")
    }

    #[test]
    fn both_packs_have_the_numbers() {
        for day in ["2012-01-01", "2026-11-23"] {
            let limits = Limits::on(&PolicyBook::default(), day.parse().expect("a date")).expect("numbers");
            assert_eq!((limits.min_area_per_person_m2x100, limits.max_per_room), (400, 2), "{day}");
            assert!(limits.family_exempt && limits.is_large(10) && !limits.is_large(9), "{day}");
        }
    }

    /// Check 10 of the acceptance list, and its neighbours.
    #[test]
    fn seven_square_metres_are_too_little_for_two() {
        use Finding::*;
        let room = |usable: i64, people, family| Room { usable_m2x100: Some(usable), people, family };
        let rows = [
            ("two who are not related: 3.5 < 4", room(700, 2, false), Fail, Pass),
            ("two parents and a child: exempt by head, and still too small", room(700, 3, true), Fail, FamilyExempt),
            ("the same family with space enough", room(1200, 3, true), Pass, FamilyExempt),
            ("three who are not related", room(1200, 3, false), Pass, Fail),
            ("exactly enough", room(800, 2, false), Pass, Pass),
            ("one hundredth too little", room(799, 2, false), Fail, Pass),
            ("a couple", room(900, 2, true), Pass, Pass),
            ("nobody", room(700, 0, false), Empty, Empty),
            ("not measured", Room { usable_m2x100: None, people: 3, family: false }, NotMeasured, Fail),
        ];
        for (why, room, by_area, by_head) in rows {
            assert_eq!((area(room, &limits()), heads(room, &limits())), (by_area, by_head), "{why}");
        }
        let strict = Limits { family_exempt: false, ..limits() };
        assert_eq!(heads(room(1200, 3, true), &strict), Fail, "a county may do without the exemption");
    }

    #[test]
    fn one_bad_room_is_enough() {
        use Finding::*;
        let rows: [(&[Finding], Answer); 7] = [
            (&[Pass, Fail, NotMeasured], Answer::Fail),
            (&[Pass, NotMeasured], Answer::NotChecked),
            (&[Pass, Empty], Answer::Pass),
            (&[Pass, FamilyExempt], Answer::Pass),
            (&[FamilyExempt], Answer::NotApplicable),
            (&[Empty], Answer::NotApplicable),
            (&[], Answer::NotChecked),
        ];
        for (found, expected) in rows {
            assert_eq!(answer(found.iter().copied()), expected, "{found:?}");
        }
    }
}
