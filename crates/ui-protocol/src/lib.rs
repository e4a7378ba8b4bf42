//! What a screen asks and what it is answered: the app's table of contents. Screen and answerer ship together, so this changes
//! freely.
//!
//! A call names its own reply: `call(backend, Unit { id })` gives a `UnitView`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub mod error;

// What the field app asks its device.
pub mod attention;
pub mod evening;
pub mod history;
pub mod lock;
pub mod lookups;
pub mod people;
pub mod permits;
pub mod photos;
pub mod plates;
pub mod proof;
pub mod reports;
pub mod safety;
pub mod session;
pub mod sweeps;
pub mod tenancies;
pub mod today;
pub mod units;
pub mod visits;
pub mod why;
pub mod withdrawals;

// What the officer's page asks the server.
pub mod desk;
pub mod held;
pub mod restored;
pub mod station_home;

pub use error::{ErrorCode, UiError};

/// A use case: what is asked, and the shape of the answer.
pub trait Call: Serialize {
    /// What the screen gets.
    type Reply: Serialize + DeserializeOwned + 'static;
    /// The enum it is a variant of.
    type Command: Serialize;
    /// As that variant.
    fn command(self) -> Self::Command;
}

/// An answer, and what else on the screen it made stale.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Handled {
    /// The call's reply, as JSON.
    pub reply: serde_json::Value,
    /// What changed.
    pub topics: Vec<Topic>,
}

/// A kind of thing that may have changed. Screens that show it ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Who is signed in, grants, settings.
    Session,
    /// Homes and rooms.
    Units,
    /// People, registrations, stays.
    People,
    /// Landlords' reports.
    Reports,
    /// Photos and where their bytes stand.
    Photos,
    /// Conflicts and refused changes.
    Attention,
    /// What is waiting, running, answered.
    Sync,
    /// Forms as they are being typed.
    Forms,
}

macro_rules! commands {
    ($(#[$doc:meta])* $command:ident { $($(#[$call_doc:meta])* $call:path as $variant:ident => $reply:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(tag = "ask", content = "with", rename_all = "snake_case")]
        pub enum $command {
            $($(#[$call_doc])* $variant($call),)+
        }
        $(impl Call for $call {
            type Reply = $reply;
            type Command = $command;
            fn command(self) -> $command {
                $command::$variant(self)
            }
        })+
    };
}

commands! {
    /// Everything a screen can ask a device.
    DeviceCommand {
        /// Who and what this device is.
        session::Status as Status => session::DeviceStatus,
        /// Becomes a device of an account.
        session::Enrol as Enrol => session::DeviceStatus,
        /// Signs in, offline too.
        session::SignIn as SignIn => session::DeviceStatus,
        /// Locks the screen.
        session::SignOut as SignOut => session::DeviceStatus,
        /// Sets a forgotten password anew.
        session::ResetPassword as ResetPassword => session::DeviceStatus,
        /// Language, care mode, dark mode.
        session::SaveSettings as SaveSettings => session::DeviceStatus,
        /// Opens the lock.
        lock::Unlock as Unlock => session::DeviceStatus,
        /// Locks.
        lock::Lock as Lock => session::DeviceStatus,
        /// Sets or changes the PIN.
        lock::SetPin as SetPin => session::DeviceStatus,
        /// Takes the PIN away.
        lock::DropPin as DropPin => session::DeviceStatus,
        /// Hands in what is sealed for the county.
        lock::HandInSealed as HandInSealed => lock::HandedIn,
        /// Gives a locked file up.
        lock::BeginAnew as BeginAnew => session::DeviceStatus,
        /// Exchanges with the server now.
        session::SyncNow as SyncNow => session::SyncStatus,
        /// Stops a running exchange after its present page.
        session::SyncStop as SyncStop => session::SyncStatus,

        /// What is due.
        today::Today as Today => today::TodayReply,

        /// Homes, by search or in order.
        units::ListUnits as ListUnits => units::UnitPage,
        /// One home.
        units::Unit as Unit => units::UnitView,
        /// A new home, or new values for one.
        units::SaveUnit as SaveUnit => units::SavedUnit,
        /// Registered, paused, closed.
        units::SetUnitState as SetUnitState => units::SavedUnit,
        /// Homes that may be the same as one.
        units::SameHomes as SameHomes => units::SameHomesReply,
        /// What merging two homes brings together.
        units::SameHome as SameHome => units::SameHomeView,
        /// One home was entered twice.
        units::MergeHomes as MergeHomes => units::SavedUnit,
        /// They are two homes after all.
        units::PartHomes as PartHomes => units::SavedUnit,
        /// A firm rents a home.
        tenancies::AddFirm as AddFirm => units::SavedUnit,
        /// A tenancy is over.
        tenancies::EndTenancy as EndTenancy => units::SavedUnit,

        /// A home by what the code at its door says, or by its number.
        plates::OpenPlate as OpenPlate => plates::PlateAnswer,
        /// A home by the code in a picture.
        plates::ScanPicture as ScanPicture => Option<plates::PlateAnswer>,
        /// What stands on a home's plate.
        plates::PlateOf as PlateOf => plates::PlateView,
        /// Another plate for one that is lost.
        plates::WantPlate as WantPlate => plates::PlateView,

        /// A home as it is visited, with what was noted so far.
        visits::Visit as Visit => visits::VisitView,
        /// One touch at the door, kept at once.
        visits::NoteVisit as NoteVisit => visits::Noted,
        /// A visit is finished: one save.
        visits::FinishVisit as FinishVisit => visits::FinishedVisit,
        /// A visit that was begun is given up.
        visits::DropVisit as DropVisit => visits::OpenVisitsReply,
        /// Visits that were begun.
        visits::OpenVisits as OpenVisits => visits::OpenVisitsReply,
        /// Finished visits of a home.
        visits::PastVisits as PastVisits => visits::PastVisitsReply,
        /// One finished visit, what is to do about it, and next door.
        visits::PastVisit as PastVisit => visits::PastVisitView,
        /// Another answer instead of a wrong one.
        visits::CorrectAnswer as CorrectAnswer => visits::PastVisitView,

        /// A visit, a check or an application was a mistake.
        withdrawals::TakeBack as TakeBack => withdrawals::TakenBack,
        /// It was none: it counts again.
        withdrawals::LetStand as LetStand => withdrawals::TakenBack,

        /// How a home stands: grade, hazards, checks, letter.
        safety::Safety as Safety => safety::SafetyView,
        /// A check to be made.
        safety::CheckForm as CheckForm => safety::CheckFormView,
        /// A check with the hazards it opens.
        safety::SaveCheck as SaveCheck => safety::SavedCheck,
        /// A check as it was made.
        safety::PastCheck as PastCheck => safety::PastCheckView,
        /// One hazard.
        safety::Hazard as Hazard => safety::HazardView,
        /// A hazard was looked at again.
        safety::RecheckHazard as RecheckHazard => safety::HazardView,
        /// A hazard was handed to whoever may act.
        safety::HandOverHazard as HandOverHazard => safety::HazardView,
        /// A coordinator proposes another grade for a home.
        safety::ProposeGrade as ProposeGrade => safety::SafetyView,
        /// The notice of a check.
        safety::NoticeSlip as NoticeSlip => safety::SlipView,
        /// The letters of responsibility of a home.
        safety::Letters as Letters => safety::LettersView,
        /// The landlord has signed on the screen.
        safety::SignLetter as SignLetter => safety::SignedLetter,

        /// Photos of a home, a room, a visit or a hazard.
        photos::Photos as Photos => photos::PhotosReply,
        /// A new photo, from a file or the camera.
        photos::AddPhoto as AddPhoto => photos::PhotoView,
        /// A photo is not shown any more.
        photos::WithdrawPhoto as WithdrawPhoto => photos::PhotoView,
        /// A withdrawn photo is shown again.
        photos::PutPhotoBack as PutPhotoBack => photos::PhotoView,
        /// A photo itself.
        photos::PhotoBytes as PhotoBytes => photos::PhotoImage,
        /// Sends waiting photos now, whatever the network costs.
        photos::SendPhotos as SendPhotos => session::SyncStatus,
        /// What the page knows of the network.
        photos::TellNetwork as TellNetwork => session::SyncStatus,

        /// People, by search or in order.
        people::ListPeople as ListPeople => people::PersonPage,
        /// One person.
        people::Person as Person => people::PersonView,
        /// What a document number says, and who is already registered with it.
        people::CheckDocument as CheckDocument => people::DocumentCheck,
        /// Where in the county a document number is registered.
        people::LookUpCounty as LookUpCounty => people::CountyReply,
        /// The whole number, shown and noted down.
        people::RevealDocument as RevealDocument => people::RevealedDocument,
        /// What is known of a home before somebody is registered in it.
        people::NewResident as NewResident => people::NewResidentView,
        /// A new registration with its stay and its visit.
        people::SaveResident as SaveResident => people::SavedResident,
        /// New values for a person or a registration.
        people::ChangeResident as ChangeResident => people::SavedResident,
        /// To another home of one's own villages.
        people::MoveResident as MoveResident => people::SavedResident,
        /// To another village.
        people::HandOver as HandOver => people::SavedResident,
        /// Lets somebody stay longer than they said.
        people::ExtendStay as ExtendStay => people::SavedResident,
        /// Ends a registration.
        people::CancelResidency as CancelResidency => people::SavedResident,
        /// Two registrations that were joined are two people.
        people::SplitPerson as SplitPerson => people::PersonView,
        /// Takes back what was entered by mistake.
        people::UndoMistake as UndoMistake => people::Undone,

        /// Somebody's permits: what is due, what was asked for, what was given.
        permits::PermitsOf as PermitsOf => permits::PermitsReply,
        /// Who may ask for a permit now.
        permits::WhoMayApply as WhoMayApply => people::PersonPage,
        /// Asks for a permit in somebody's name.
        permits::ApplyPermit as ApplyPermit => permits::PermitSaved,
        /// Missing materials were brought.
        permits::BringMaterials as BringMaterials => permits::PermitSaved,
        /// The slip of an accepted application.
        permits::PermitSlip as PermitSlip => permits::SlipView,
        /// Something happened to a permit.
        permits::NotePermit as NotePermit => permits::PermitSaved,
        /// An entry about a permit was a mistake.
        permits::TakeBackNote as TakeBackNote => permits::PermitSaved,

        /// Reports of a landlord, or to verify.
        reports::ListReports as ListReports => reports::ReportPage,
        /// One report.
        reports::Report as Report => reports::ReportView,
        /// A landlord reports.
        reports::SaveReport as SaveReport => reports::SavedReport,
        /// A landlord takes a report back.
        reports::WithdrawReport as WithdrawReport => reports::SavedReport,
        /// A coordinator verified it at the door: makes the registration, or ends it.
        reports::VerifyReport as VerifyReport => reports::Verified,
        /// A coordinator sends it back with a reason.
        reports::ReturnReport as ReturnReport => reports::SavedReport,
        /// The last day for an event.
        reports::DueFor as DueFor => reports::DueReply,
        /// One referral.
        reports::Referral as Referral => reports::ReferralView,
        /// A referral was handed to the station.
        reports::ReferralHanded as ReferralHanded => reports::ReferralDone,

        /// What was done on a day, and how far it has come.
        evening::DayLog as DayLog => evening::DayLogView,
        /// What this device knows of a record's past.
        history::History as History => history::HistoryView,
        /// All of it, from the server.
        history::WholeHistory as WholeHistory => history::HistoryView,

        /// Conflicts and refused changes.
        attention::Attention as Attention => attention::AttentionReply,
        /// Puts the losing value back, or leaves it.
        attention::SettleConflict as SettleConflict => attention::AttentionReply,
        /// Says whether two registrations are one person.
        attention::SettleDuplicate as SettleDuplicate => attention::AttentionReply,
        /// Lets the later of two visitors' words count.
        attention::WeighWords as WeighWords => attention::AttentionReply,
        /// Sends a refused save again.
        attention::Resend as Resend => attention::AttentionReply,
        /// Gives a refused save up.
        attention::Discard as Discard => attention::AttentionReply,

        /// Whether both sides hold the same.
        proof::Proof as Proof => proof::ProofReply,
        /// Looks through everything on this device and compares it with the server.
        proof::DeepCheck as DeepCheck => proof::ProofReply,
        /// Why somebody is not to be seen.
        why::WhyPerson as WhyPerson => why::WhyPersonReply,
        /// What the next sync sends.
        why::WhySend as WhySend => why::SavesReply,
        /// What became of a save.
        why::WhyEdit as WhyEdit => why::SavesReply,

        /// Keeps a form as it is being typed.
        lookups::KeepDraft as KeepDraft => lookups::DraftKept,
        /// A kept form.
        lookups::Draft as Draft => lookups::DraftReply,
        /// Forgets a kept form.
        lookups::DropDraft as DropDraft => lookups::DraftKept,
        /// Checks, letters and applications that were left half done.
        lookups::OpenForms as OpenForms => lookups::OpenFormsReply,
        /// Hukou regions by name or code.
        lookups::Regions as Regions => lookups::RegionsReply,
        /// Villages of the county.
        lookups::Areas as Areas => lookups::AreasReply,
        /// The notice to show to a resident.
        lookups::NoticeText as NoticeText => lookups::NoticeReply,
    }
}

commands! {
    /// Everything the officer's page can ask the server.
    DeskCommand {
        /// Who is signed in.
        desk::Me as Me => desk::MeReply,
        /// Areas with counts.
        desk::Overview as Overview => desk::OverviewReply,
        /// Coordinators needed and at work.
        desk::Staffing as Staffing => desk::StaffingReply,
        /// Records of an area.
        desk::ListRecords as ListRecords => desk::RecordPage,
        /// One record with its history.
        desk::ViewRecord as ViewRecord => desk::RecordView,
        /// Brings a cancelled registration back.
        desk::RestoreResidency as RestoreResidency => desk::RecordView,
        /// Sets a home's grade for the station.
        desk::SetGrade as SetGrade => desk::RecordView,
        /// Settles a conflict for the station.
        desk::SettleForStation as SettleForStation => desk::RecordView,
        /// Lets the later of two visitors' words count, for the station.
        desk::WeighForStation as WeighForStation => desk::RecordView,
        /// Says for the station whether two registrations are one person.
        desk::AnswerForStation as AnswerForStation => desk::RecordView,
        /// Takes a registration off the person it was joined with.
        desk::SplitForStation as SplitForStation => desk::RecordView,
        /// Takes a step about a permit.
        desk::DecidePermit as DecidePermit => desk::RecordView,
        /// Takes back what was recorded by mistake, or lets it stand again.
        station_home::TakeBackForStation as TakeBackForStation => desk::RecordView,
        /// Somebody of the station looked at a hazard, or handed it over.
        station_home::HazardForStation as HazardForStation => desk::RecordView,
        /// Answers a proposed grade.
        station_home::AnswerGrade as AnswerGrade => desk::RecordView,
        /// Homes with open hazards or a proposed grade.
        station_home::SafetyList as SafetyList => station_home::SafetyListReply,
        /// Sweeps of the station's villages.
        sweeps::Sweeps as Sweeps => sweeps::SweepsReply,
        /// Sets a sweep.
        sweeps::SetSweep as SetSweep => sweeps::SweepsReply,
        /// Closes a sweep.
        sweeps::CloseSweep as CloseSweep => sweeps::SweepsReply,
        /// Devices of the station's villages: last contact, version, waiting.
        desk::Devices as Devices => desk::DevicesReply,
        /// How the server stands since it came back from a backup.
        restored::Restored as Restored => restored::RestoredReply,
        /// An administrator says that the grants are right again.
        restored::ConfirmRestore as ConfirmRestore => restored::RestoredReply,
        /// What devices last said they hold, beside what the server held.
        proof::StationProof as StationProof => proof::StationProofReply,
        /// What became of a save, by its number.
        why::StationWhySave as StationWhySave => why::StationSavesReply,
        /// Why somebody is not to be seen.
        why::StationWhyPerson as StationWhyPerson => why::StationFactsReply,
        /// The plates of a village.
        plates::Plates as Plates => plates::PlatesReply,
        /// Gives a home another plate.
        plates::ReplacePlate as ReplacePlate => desk::RecordView,
        /// A photo itself.
        photos::StationPhotoBytes as StationPhotoBytes => photos::PhotoImage,
        /// Late work that waits for a decision.
        held::ListHeld as ListHeld => held::HeldPage,
        /// One held save with its values.
        held::ViewHeld as ViewHeld => held::HeldView,
        /// Takes a held save in.
        held::TakeHeld as TakeHeld => held::HeldView,
        /// Leaves a held save out.
        held::RejectHeld as RejectHeld => held::HeldView,
    }
}
