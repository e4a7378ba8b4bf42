//! What a home says of the next person who is registered in it: offered from the facts of this home, never kept anywhere.

use domain::codes::{IntendedStay, Reason};
use domain::form::parse_date;
use domain::person::{Contact, GUARDIAN_UNDER_YEARS, Identity, ResidentForm, age_years};
use domain::residency::{self, Intent, Why};
use domain::{RecordId, kind};
use store::device::View;
use ui_protocol::ErrorCode;
use ui_protocol::people::{Adult, NewResident, NewResidentView};

use crate::error::Failure;
use crate::{Device, homes};

/// Choices offered with one tap; the rest is in the list.
const OFFERED: usize = 3;
/// What most tenants say, where the home says nothing.
const REASONS: [Reason; OFFERED] = [Reason::Working, Reason::Trading, Reason::JoinRelatives];
const STAYS: [IntendedStay; OFFERED] = [IntendedStay::OneYear, IntendedStay::SixMonths, IntendedStay::TwoYears];
/// Adults told of; the form offers those of one room.
const ADULTS_MAX: usize = 20;

/// Somebody who lives in the home.
struct Living {
    residency: RecordId,
    adult: Option<Adult>,
    reason: Option<Reason>,
    stay: Option<IntendedStay>,
    lessee: bool,
}

impl Device {
    pub(crate) fn new_resident(&self, ask: &NewResident) -> Result<NewResidentView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let unit =
                view.shown(homes::root(view, ask.unit)?)?.filter(|unit| unit.kind == kind::UNIT).ok_or(ErrorCode::NotFound)?;
            let today = self.today(view)?;
            let mut living = self.living_in(view, unit.id)?;
            // Ids grow with time: the last one registered comes first.
            living.sort_by_key(|one| std::cmp::Reverse(one.residency));
            let rooms = homes::rooms(view, unit.id)?;
            let form = ResidentForm {
                unit: Some(unit.id),
                // A home with one room has no other.
                room: rooms.first().filter(|_| rooms.len() == 1).map(|room| room.record.id),
                arrival_on: today.to_string(),
                declared_on: today.to_string(),
                ..ResidentForm::default()
            };
            let mut adults: Vec<Adult> = Vec::new();
            for adult in living.iter().filter_map(|one| one.adult.clone()) {
                // Registered twice at one door, somebody is offered once.
                if adults.len() < ADULTS_MAX && !adults.contains(&adult) {
                    adults.push(adult);
                }
            }
            Ok(NewResidentView {
                form,
                reasons: commonest(living.iter().filter_map(|one| one.reason), &REASONS),
                stays: commonest(living.iter().filter_map(|one| one.stay), &STAYS),
                has_lessee: living.iter().any(|one| one.lessee),
                adults,
            })
        })
    }

    fn living_in(&self, view: &View<'_>, unit: RecordId) -> Result<Vec<Living>, Failure> {
        let today = self.today(view)?;
        let mut living = Vec::new();
        for stay in homes::naming(view, unit, kind::STAY)?.into_iter().filter(residency::is_open) {
            let named = |field: &str| stay.reference("where", field).map_or(Ok(None), |id| view.shown(id));
            let (Some(person), Some(residency)) = (named("person")?, named("residency")?) else { continue };
            let identity: Option<Identity> = person.typed("identity");
            let grown = identity.filter(|identity| {
                parse_date(&identity.birth).is_some_and(|birth| age_years(birth, today) >= GUARDIAN_UNDER_YEARS)
            });
            let room = stay.reference("where", "room");
            let phone = person.typed::<Contact>("contact").unwrap_or_default().phone;
            living.push(Living {
                residency: residency.id,
                adult: grown.map(|identity| Adult { name: identity.name, phone, room }),
                reason: residency.typed::<Why>("why").map(|why| why.reason),
                stay: residency.typed::<Intent>("intent").map(|intent| intent.code),
                lessee: stay.field("relation", "lessee").and_then(|lessee| lessee.as_bool()).unwrap_or(false),
            });
        }
        Ok(living)
    }
}

/// The values said most often, the latest first among equals, filled up with what is usual anywhere.
fn commonest<T: Copy + PartialEq>(said: impl Iterator<Item = T>, usual: &[T]) -> Vec<T> {
    let mut counted: Vec<(T, usize)> = Vec::new();
    for value in said {
        match counted.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counted.push((value, 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut offered: Vec<T> = counted.into_iter().map(|(value, _)| value).collect();
    for value in usual {
        if !offered.contains(value) {
            offered.push(*value);
        }
    }
    offered.truncate(OFFERED);
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_home_says_most_comes_first_and_the_usual_fills_up() {
        let rows: [(&[Reason], [Reason; OFFERED]); 3] = [
            (&[], REASONS),
            (&[Reason::Studying, Reason::Trading, Reason::Trading], [Reason::Trading, Reason::Studying, Reason::Working]),
            (&[Reason::JoinRelatives], [Reason::JoinRelatives, Reason::Working, Reason::Trading]),
        ];
        for (said, offered) in rows {
            assert_eq!(commonest(said.iter().copied(), &REASONS), offered, "{said:?}");
        }
    }
}
