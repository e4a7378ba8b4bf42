//! What is due.

use ui_protocol::today::TodayKind;

use super::{Words, sentences};

sentences! {
    today_empty = "今天没有待办", "Nothing is due today";
    today_empty_help = "新的报送和到期事项会自己出现在这里。", "New reports and what runs out will appear here by themselves.";
    today_still_loading = "首次同步还没完，可能还有待办", "The first sync is not complete: more may come";
    today_no_place = "其他", "Other";
    offline_go_on = "现在连不上服务器，照常用就行，有网会自动上传", "No connection now: go on as usual, it is sent when there is one";
    today_summary = "待办合计", "What is due";
    today_filter_all = "全部", "All";
}

impl Words {
    /// The counter of a kind.
    pub fn today_counter(self, kind: TodayKind) -> &'static str {
        let (chinese, english) = match kind {
            TodayKind::VerifyReport => ("待核实报送", "Reports to verify"),
            TodayKind::ReportReturned => ("退回的报送", "Returned reports"),
            TodayKind::ToPlace => ("待安置", "To be placed"),
            TodayKind::Referral => ("转派出所", "Referrals"),
            TodayKind::IntendedEnds => ("居住到期", "Stays that run out"),
            TodayKind::SuspectedLeft => ("疑似离开", "May have left"),
            TodayKind::UnitPending => ("待登记房屋", "Homes to register"),
            TodayKind::HazardRecheck => ("待复查隐患", "Hazards to re-check"),
            TodayKind::PermitMaterials => ("居住证待补材料", "Permit papers missing"),
            TodayKind::PermitHandOut => ("居住证待发放", "Permits to hand out"),
            TodayKind::PermitEndorse => ("居住证待签注", "Permits to endorse"),
            TodayKind::PermitExpires => ("居住证快到期", "Permits that expire"),
            TodayKind::Conflict => ("有冲突", "Conflicts"),
            TodayKind::Duplicate => ("同一人", "Same person?"),
            TodayKind::Refused => ("未接收", "Refused saves"),
            TodayKind::HolidaysMissing => ("缺节假日", "No holiday table"),
        };
        self.pick(chinese, english)
    }

    /// Why a row is here.
    pub fn today_why(self, kind: TodayKind) -> &'static str {
        let (chinese, english) = match kind {
            TodayKind::VerifyReport => ("房东报送，上门核实", "A landlord's report: verify at the door"),
            TodayKind::ReportReturned => ("报送被退回，看看原因", "Your report came back: see why"),
            TodayKind::ToPlace => ("别的村移交过来，安排住处", "Handed over from another village: choose a home"),
            TodayKind::Referral => ("境外人员，告诉派出所", "Not registered here: tell the station"),
            TodayKind::IntendedEnds => ("拟住时间到了，看看还住不住", "The intended stay runs out: still here?"),
            TodayKind::SuspectedLeft => ("可能已经离开，再走访或办理注销", "May have left: visit again, or end the registration"),
            TodayKind::UnitPending => ("房屋还没有登记", "This home is not registered yet"),
            TodayKind::HazardRecheck => ("隐患到期复查，看看改好没有", "A hazard: look whether it is mended"),
            TodayKind::PermitMaterials => ("申领居住证，材料还没齐", "Asked for a permit: papers are still missing"),
            TodayKind::PermitHandOut => ("居住证已制好，送到本人手上", "The card is made: hand it out"),
            TodayKind::PermitEndorse => ("居住证该签注了，过期会中止", "The permit has to be endorsed, or its function rests"),
            TodayKind::PermitExpires => ("证件快到期，告诉本人续办", "The permit expires soon: tell its holder"),
            TodayKind::Conflict => ("两个人改了同一处，选一个", "Two people changed the same: choose"),
            TodayKind::Duplicate => ("同一个证件号码登记了两次，看看", "One document number was registered twice: look"),
            TodayKind::Refused => ("服务器没有接收，看看原因", "The server refused it: see why"),
            TodayKind::HolidaysMissing => {
                ("没有这一年的节假日安排，期限按周一到周五算", "No holiday table for this year: deadlines count Monday to Friday")
            }
        };
        self.pick(chinese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    /// Every kind of row; the matches above keep the sentences complete, this keeps the test so.
    const TODAY_KINDS: [TodayKind; 16] = [
        TodayKind::PermitMaterials,
        TodayKind::PermitHandOut,
        TodayKind::PermitEndorse,
        TodayKind::PermitExpires,
        TodayKind::VerifyReport,
        TodayKind::Referral,
        TodayKind::ToPlace,
        TodayKind::Conflict,
        TodayKind::Duplicate,
        TodayKind::Refused,
        TodayKind::ReportReturned,
        TodayKind::IntendedEnds,
        TodayKind::SuspectedLeft,
        TodayKind::UnitPending,
        TodayKind::HazardRecheck,
        TodayKind::HolidaysMissing,
    ];

    #[test]
    fn every_kind_has_a_counter_and_a_reason() {
        for words in BOTH {
            for kind in TODAY_KINDS {
                assert_spoken(words, words.today_counter(kind), &format!("{kind:?}"));
                assert_spoken(words, words.today_why(kind), &format!("{kind:?}"));
            }
        }
    }
}
