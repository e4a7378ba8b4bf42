//! The short code tables and the small states, as labels.

use domain::access::Role;
use domain::checklist::{Answer, Group, Item};
use domain::codes::{
    CancelReason, Channel, IntendedStay, LettingMode, NextSlot, PhoneNoneReason, PlaceKind, Reason, Relation, ReportKind, Sex,
    TenureKind, UnitCloseReason, UnitStatus, UnitUse, VisitPersonResult, VisitProof, VisitResult,
};
use domain::grade::Grade;
use domain::hazard::{HandedTo, HazardState, Responsible};
use domain::id_document::DocType;
use domain::permit::{EndReason, Ground, Material, PermitEventKind, PermitKind};
use domain::sweep::SweepKind;
use domain::tenancy::TenancyEnd;
use ui_protocol::people::Standing;
use ui_protocol::reports::ReportState;
use ui_protocol::units::ChangeState;

use super::Words;

/// Something with a label in both languages and a code that a form can carry.
pub trait Label: Copy + PartialEq + 'static {
    /// What a form offers, in its order.
    fn offered() -> &'static [Self];
    /// The code that a form carries.
    fn stored(self) -> &'static str;
    /// The label.
    fn label(self, words: Words) -> &'static str;
    /// Reads a code back.
    fn read(code: &str) -> Option<Self>;
}

macro_rules! labels {
    ($($name:ident),+ $(,)?) => {
        $(impl Label for $name {
            fn offered() -> &'static [Self] {
                $name::OFFERED
            }
            fn stored(self) -> &'static str {
                self.code()
            }
            fn label(self, words: Words) -> &'static str {
                words.pick(self.zh(), self.en())
            }
            fn read(code: &str) -> Option<Self> {
                $name::from_code(code)
            }
        })+

        #[cfg(test)]
        fn every_label(words: Words) -> Vec<(&'static str, &'static str)> {
            let mut all = Vec::new();
            $(all.extend($name::ALL.iter().map(|code| (code.label(words), stringify!($name))));)+
            all
        }

        /// The label of a stored code, whichever table it is of.
        fn label_of(table: &str, code: &str, words: Words) -> Option<&'static str> {
            match table {
                $(stringify!($name) => $name::read(code).map(|code| code.label(words)),)+
                _ => None,
            }
        }
    };
}

labels!(
    Answer,
    CancelReason,
    Channel,
    DocType,
    EndReason,
    Ground,
    Grade,
    Group,
    HandedTo,
    HazardState,
    IntendedStay,
    Item,
    LettingMode,
    Material,
    NextSlot,
    PermitEventKind,
    PermitKind,
    PhoneNoneReason,
    PlaceKind,
    Reason,
    Relation,
    ReportKind,
    Responsible,
    Sex,
    SweepKind,
    TenancyEnd,
    TenureKind,
    UnitCloseReason,
    UnitStatus,
    UnitUse,
    VisitPersonResult,
    VisitProof,
    VisitResult,
);

impl Words {
    /// The label of a code.
    pub fn label<L: Label>(self, code: L) -> &'static str {
        code.label(self)
    }

    /// The label of a stored code of the table with this name.
    pub fn label_in(self, table: &str, code: &str) -> Option<&'static str> {
        label_of(table, code, self)
    }

    /// What an account is for.
    pub fn role(self, role: Role) -> &'static str {
        match role {
            Role::Coordinator => self.pick("协管员", "Coordinator"),
            Role::Landlord => self.pick("房东", "Landlord"),
            Role::Officer => self.pick("民警", "Officer"),
            Role::Admin => self.pick("管理员", "Administrator"),
        }
    }

    /// How a registration stands.
    pub fn standing(self, standing: Standing) -> &'static str {
        match standing {
            Standing::Active => self.pick("在住", "Lives here"),
            Standing::ToPlace => self.pick("待安置", "To be placed"),
            Standing::Cancelled => self.pick("已注销", "Cancelled"),
            Standing::None => self.pick("未登记", "Not registered"),
        }
    }

    /// Where a report stands.
    pub fn report_state(self, state: ReportState) -> &'static str {
        match state {
            ReportState::Local => self.pick("未送达", "Not sent yet"),
            ReportState::Received => self.pick("已送达，待核实", "Received, to be verified"),
            ReportState::Accepted => self.pick("已核实", "Verified"),
            ReportState::Returned => self.pick("已退回", "Returned"),
            ReportState::Withdrawn => self.pick("已撤回", "Withdrawn"),
            ReportState::Refused => self.pick("未接收", "Refused"),
        }
    }

    /// Where a change stands.
    pub fn change_state(self, state: ChangeState) -> &'static str {
        match state {
            ChangeState::Waiting => self.pick("待上传", "Waiting"),
            ChangeState::Answered => self.pick("已到服务器", "On the server"),
            ChangeState::Conflict => self.pick("有冲突", "In conflict"),
            ChangeState::Refused => self.pick("未接收", "Refused"),
            ChangeState::Held => self.pick("派出所暂存", "Held at the station"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_code_and_state_has_a_label() {
        for words in BOTH {
            for (label, table) in every_label(words) {
                assert_spoken(words, label, table);
            }
            for role in [Role::Coordinator, Role::Landlord, Role::Officer, Role::Admin] {
                assert_spoken(words, words.role(role), role.as_str());
            }
            for standing in [Standing::Active, Standing::ToPlace, Standing::Cancelled, Standing::None] {
                assert_spoken(words, words.standing(standing), &format!("{standing:?}"));
            }
            for state in [
                ReportState::Local,
                ReportState::Received,
                ReportState::Accepted,
                ReportState::Returned,
                ReportState::Withdrawn,
                ReportState::Refused,
            ] {
                assert_spoken(words, words.report_state(state), &format!("{state:?}"));
            }
            for state in
                [ChangeState::Waiting, ChangeState::Answered, ChangeState::Conflict, ChangeState::Refused, ChangeState::Held]
            {
                assert_spoken(words, words.change_state(state), &format!("{state:?}"));
            }
        }
    }

    #[test]
    fn a_code_is_read_back_from_what_a_form_carries() {
        for reason in Reason::offered() {
            assert_eq!(Reason::read(reason.stored()), Some(*reason));
        }
        assert_eq!(Words::default().label_in("Reason", "204"), Some("务工"));
        assert_eq!(Words::default().label_in("Reason", "217"), None, "an unknown code is shown nowhere");
    }
}
