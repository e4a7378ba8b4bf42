//! Where a page is: after the `#` of the address, so that a window, a browser and any path serve the same bundle.

use domain::{RecordId, kind};
use yew::AttrValue;
use yew_router::prelude::*;

/// Every page of the field app.
#[derive(Clone, Debug, PartialEq, Routable)]
pub enum Route {
    /// The first page: what is due, or a landlord's homes.
    #[at("/")]
    First,
    /// Homes.
    #[at("/homes")]
    Homes,
    /// A new home.
    #[at("/homes/new")]
    NewHome,
    /// A home by the plate at its door.
    #[at("/homes/scan")]
    Scan,
    /// One home.
    #[at("/homes/:id")]
    Home {
        /// Which.
        id: RecordId,
    },
    /// Changing a home.
    #[at("/homes/:id/edit")]
    EditHome {
        /// Which.
        id: RecordId,
    },
    /// A home that was entered twice: which is the other one?
    #[at("/homes/:id/same")]
    SameHome {
        /// Which home.
        id: RecordId,
    },
    /// The two of them side by side.
    #[at("/homes/:id/same/:other")]
    SameHomeAs {
        /// The one that goes.
        id: RecordId,
        /// The one that stays.
        other: RecordId,
    },
    /// The plate of a home.
    #[at("/homes/:id/plate")]
    Plate {
        /// Which home.
        id: RecordId,
    },
    /// A safety check of a home.
    #[at("/homes/:id/check")]
    SafetyCheck {
        /// Which home.
        id: RecordId,
    },
    /// The letter of responsibility of a home.
    #[at("/homes/:id/letter")]
    Letter {
        /// Which home.
        id: RecordId,
    },
    /// One referral.
    #[at("/referrals/:id")]
    Referral {
        /// Which.
        id: RecordId,
    },
    /// One hazard.
    #[at("/hazards/:id")]
    Hazard {
        /// Which.
        id: RecordId,
    },
    /// The notice of a check.
    #[at("/checks/:id")]
    Notice {
        /// Which check.
        id: RecordId,
    },
    /// A check as it was made.
    #[at("/checks/:id/all")]
    PastCheck {
        /// Which.
        id: RecordId,
    },
    /// A visit of a home.
    #[at("/homes/:id/visit")]
    Visit {
        /// Which home.
        id: RecordId,
    },
    /// Registering somebody in the middle of a visit.
    #[at("/homes/:id/visit/add")]
    AddInVisit {
        /// Which home.
        id: RecordId,
    },
    /// A note for a door that nobody opened.
    #[at("/visits/:id/note")]
    LeaveNote {
        /// Which visit.
        id: RecordId,
    },
    /// A finished visit.
    #[at("/visits/:id")]
    PastVisit {
        /// Which.
        id: RecordId,
    },
    /// Registering somebody in a home.
    #[at("/homes/:id/add")]
    AddPerson {
        /// Which home.
        id: RecordId,
    },
    /// People.
    #[at("/people")]
    People,
    /// Registering somebody: choose the home first.
    #[at("/people/new")]
    NewPerson,
    /// One person.
    #[at("/people/:id")]
    Person {
        /// Who.
        id: RecordId,
    },
    /// Changing a person.
    #[at("/people/:id/edit")]
    EditPerson {
        /// Who.
        id: RecordId,
    },
    /// Moving a person: choose the home first.
    #[at("/people/:id/move")]
    Move {
        /// Who.
        id: RecordId,
    },
    /// Moving a person to a home.
    #[at("/people/:id/move/:unit")]
    MoveTo {
        /// Who.
        id: RecordId,
        /// Where to.
        unit: RecordId,
    },
    /// Handing a person over to another village.
    #[at("/people/:id/hand-over")]
    HandOver {
        /// Who.
        id: RecordId,
    },
    /// Ending a registration.
    #[at("/people/:id/leave")]
    Leave {
        /// Who.
        id: RecordId,
    },
    /// Somebody's permits.
    #[at("/people/:id/permits")]
    Permits {
        /// Who.
        id: RecordId,
    },
    /// Asking for a permit.
    #[at("/people/:id/permits/apply")]
    ApplyPermit {
        /// Who.
        id: RecordId,
    },
    /// What a permit is for, for the resident to read.
    #[at("/people/:id/permits/info")]
    PermitInfo {
        /// Whose page it was opened from.
        id: RecordId,
    },
    /// Missing papers are brought.
    #[at("/people/:id/permits/:application/papers")]
    BringMaterials {
        /// Who.
        id: RecordId,
        /// The application.
        application: RecordId,
    },
    /// The slip of an accepted application.
    #[at("/people/:id/permits/:application/slip")]
    PermitSlip {
        /// Who.
        id: RecordId,
        /// The application.
        application: RecordId,
    },
    /// What to report, for a landlord.
    #[at("/report")]
    ChooseReport,
    /// Somebody moved in.
    #[at("/report/in")]
    ReportIn,
    /// Somebody moved in to this home.
    #[at("/report/in/:unit")]
    ReportInTo {
        /// The home.
        unit: RecordId,
    },
    /// Somebody moved out.
    #[at("/report/out")]
    ReportOut,
    /// Somebody moved out of this home.
    #[at("/report/out/:unit")]
    ReportOutOf {
        /// The home.
        unit: RecordId,
    },
    /// Nothing changed.
    #[at("/report/same")]
    ReportNoChange,
    /// Reports.
    #[at("/reports")]
    Reports,
    /// One report.
    #[at("/reports/:id")]
    Report {
        /// Which.
        id: RecordId,
    },
    /// Verifying a report.
    #[at("/reports/:id/verify")]
    Verify {
        /// Which.
        id: RecordId,
    },
    /// Sending a report back.
    #[at("/reports/:id/return")]
    ReturnReport {
        /// Which.
        id: RecordId,
    },
    /// What happened to a record.
    #[at("/history/:id")]
    History {
        /// Which.
        id: RecordId,
    },
    /// How the work stands.
    #[at("/me")]
    Me,
    /// The end of the day.
    #[at("/me/day")]
    Evening,
    /// Conflicts and refused saves.
    #[at("/me/attention")]
    Attention,
    /// Language, letters, colours.
    #[at("/me/settings")]
    Settings,
    /// The PIN.
    #[at("/me/pin")]
    Pin,
    /// Both sides compared.
    #[at("/me/proof")]
    Proof,
    /// Why something is as it is.
    #[at("/me/why")]
    Why,
    /// Why somebody is not to be seen.
    #[at("/me/why/person")]
    WhyPerson,
    /// What the next sync sends.
    #[at("/me/why/send")]
    WhySend,
    /// What became of an edit.
    #[at("/me/why/edit")]
    WhyEdit,
    /// Help.
    #[at("/me/help")]
    Help,
    /// No such page.
    #[not_found]
    #[at("/lost")]
    Lost,
}

/// The number in the address of [`Route::WhyEdit`].
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct WhyFilter {
    /// The save's number.
    pub no: String,
}

/// What became of a save, by its number, as an address.
pub fn why_save_href(no: &str) -> AttrValue {
    format!("{}?no={no}", Route::WhyEdit.href()).into()
}

impl Route {
    /// The page a record is shown on; `on_page_of` names the home or the person of what has no page of its own.
    pub fn of_record(kind: &str, id: RecordId, on_page_of: Option<RecordId>) -> Route {
        match (kind, on_page_of) {
            (kind::UNIT, _) => Route::Home { id },
            (kind::PERSON, _) => Route::Person { id },
            (kind::HAZARD, _) => Route::Hazard { id },
            (kind::INSPECTION, _) => Route::PastCheck { id },
            (kind::REPORT, _) => Route::Report { id },
            (kind::VISIT, _) => Route::PastVisit { id },
            (kind::PERMIT | kind::PERMIT_APPLICATION, Some(id)) => Route::Permits { id },
            (kind::LETTER, Some(id)) => Route::Letter { id },
            (kind::RESIDENCY | kind::STAY, Some(id)) => Route::Person { id },
            (kind::ROOM | kind::TENANCY, Some(id)) => Route::Home { id },
            (kind::REFERRAL, _) => Route::Referral { id },
            (kind::CONFLICT | kind::DUPLICATE, _) => Route::Attention,
            _ => Route::First,
        }
    }

    /// As an address on this page.
    pub fn href(&self) -> AttrValue {
        format!("#{}", self.to_path()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_word_wins_over_an_id_and_a_broken_id_is_no_page() {
        let id: RecordId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("an id");
        let rows = [
            ("/", Route::First),
            ("/homes/new", Route::NewHome),
            ("/homes/01890a5d-ac96-774b-bcce-b302099a8057", Route::Home { id }),
            ("/homes/scan", Route::Scan),
            ("/people/new", Route::NewPerson),
            ("/report/in", Route::ReportIn),
            ("/nowhere/at/all", Route::Lost),
        ];
        for (path, route) in rows {
            assert_eq!(Route::recognize(path), Some(route), "{path}");
        }
        assert!(!matches!(Route::recognize("/homes/notanid"), Some(Route::Home { .. })), "a broken id opens no home");
        assert_eq!(Route::MoveTo { id, unit: id }.href(), format!("#/people/{id}/move/{id}"));
    }
}
