//! What is due.

use domain::visit::NextVisit;
use ui_protocol::today::{DueView, HomeRound, TodayKind};

use super::{Words, sentences};

sentences! {
    today_empty = "今天没有待办", "Nothing is due today";
    today_empty_help = "新的报送和到期事项会自己出现在这里。", "New reports and what runs out will appear here by themselves.";
    today_still_loading = "首次同步还没完，可能还有待办", "The first sync is not complete: more may come";
    today_no_place = "其他", "Other";
    offline_go_on = "现在连不上服务器，照常用就行，有网会自动上传", "No connection now: go on as usual, it is sent when there is one";
    today_summary = "待办合计", "What is due";
    today_filters = "筛选", "Show only";
    today_filter_evening = "只看晚上", "Evenings";
    today_filter_landlord = "房东在场", "Landlord there";
    today_filter_overdue = "逾期", "Overdue";
    today_filter_soon = "≤2 个工作日", "≤ 2 working days";
    today_nothing_left = "这样筛选没有待办", "Nothing is due under this filter";
    today_filter_clear = "看全部", "Show everything";
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
            TodayKind::ChangePending => ("待变更登记", "Changes to write down"),
            TodayKind::Contradicted => ("说法不一", "Contradictions"),
            TodayKind::UnitPending => ("待登记房屋", "Homes to register"),
            TodayKind::EmptyHome => ("没人租住待核", "Said to be empty"),
            TodayKind::MergedStay => ("合并后待安排", "Registered after merging"),
            TodayKind::Appointment => ("约好再去", "Calls agreed"),
            TodayKind::HomeDue => ("待走访房屋", "Homes to visit"),
            TodayKind::Sweep => ("排查未到", "Homes to sweep"),
            TodayKind::HazardRecheck => ("待复查隐患", "Hazards to re-check"),
            TodayKind::PermitMaterials => ("居住证待补材料", "Permit papers missing"),
            TodayKind::PermitHandOut => ("居住证待发放", "Permits to hand out"),
            TodayKind::PermitEndorse => ("居住证待签注", "Permits to endorse"),
            TodayKind::PermitExpires => ("居住证快到期", "Permits that expire"),
            TodayKind::PermitChange => ("居住证待变更", "Permits to change"),
            TodayKind::PermitEnd => ("居住证待注销", "Permits to end"),
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
            TodayKind::ChangePending => ("走访时说有变，登记里还没改", "A visit found a change that is not written down yet"),
            TodayKind::Contradicted => {
                ("同一天有人见到、有人说已离开，看看怎么算", "Seen and said to be gone on one day: decide")
            }
            TodayKind::UnitPending => ("房屋还没有登记", "This home is not registered yet"),
            TodayKind::EmptyHome => (
                "走访说没人租住，还有登记或地址要办清",
                "A visit said that nobody rents it: settle who is registered, or the address",
            ),
            TodayKind::MergedStay => {
                ("登记在已并入的房屋里，看看住哪一间", "Registered in a home that had been merged: choose the room")
            }
            TodayKind::Appointment => ("上次约好再去", "You said you would come again"),
            TodayKind::HomeDue => ("到了走访的日子", "It is time to visit"),
            TodayKind::Sweep => ("派出所布置的排查，还没走到", "The station wants it visited"),
            TodayKind::HazardRecheck => ("隐患到期复查，看看改好没有", "A hazard: look whether it is mended"),
            TodayKind::PermitMaterials => ("申领居住证，材料还没齐", "Asked for a permit: papers are still missing"),
            TodayKind::PermitHandOut => ("居住证已制好，送到本人手上", "The card is made: hand it out"),
            TodayKind::PermitEndorse => ("居住证该签注了，过期会中止", "The permit has to be endorsed, or its function rests"),
            TodayKind::PermitExpires => ("证件快到期，告诉本人续办", "The permit expires soon: tell its holder"),
            TodayKind::PermitChange => ("住处或单位换了，居住证要变更", "Moved or works elsewhere: the card has to follow"),
            TodayKind::PermitEnd => ("本人已转户口或去世，居住证要注销", "Became a local, or died: the card has to end"),
            TodayKind::Conflict => ("两个人改了同一处，选一个", "Two people changed the same: choose"),
            TodayKind::Duplicate => ("同一个证件号码登记了两次，看看", "One document number was registered twice: look"),
            TodayKind::Refused => ("服务器没有接收，看看原因", "The server refused it: see why"),
            TodayKind::HolidaysMissing => (
                "没有这一年的节假日安排，期限先按周一到周五算；请县局导入，不用自己办",
                "No holiday table for this year: deadlines count Monday to Friday until the bureau brings it; nothing for you to do",
            ),
        };
        self.pick(chinese, english)
    }
}

impl Words {
    /// Why a home is to be visited: its grade, and when somebody was there last.
    pub fn today_home(self, home: &HomeRound, today: &str) -> String {
        let grade = self.grade_short(home.grade);
        if home.seen_on.is_empty() {
            return self.pick(format!("{grade} · 登记后还没走访过"), format!("{grade} · not visited since it was registered"));
        }
        let seen = self.plain_day(&home.seen_on, today);
        self.pick(format!("{grade} · 上次走访 {seen}"), format!("{grade} · last visit {seen}"))
    }

    /// Why a home is visited on a day somebody named; with its grade where its cycle has run too.
    pub fn today_appointment(self, next: &NextVisit, home: Option<&HomeRound>, today: &str) -> String {
        let when = self.next_visit(next, today);
        let said = self.pick(format!("约好{when}再去"), format!("you said you would come again: {when}"));
        match home {
            Some(home) => format!("{said} · {}", self.today_home(home, today)),
            None => said,
        }
    }

    /// In the list of homes: the grade, and by when somebody visits.
    pub fn home_round(self, home: &HomeRound, today: &str) -> String {
        let (grade, on) = (self.grade_short(home.grade), self.plain_day(&home.due_on, today));
        if home.due_on.as_str() <= today {
            self.pick(format!("{grade} · 该走访了（{on}起）"), format!("{grade} · visit now (since {on})"))
        } else {
            self.pick(format!("{grade} · 下次走访 {on}"), format!("{grade} · next visit {on}"))
        }
    }

    /// Why a home is to be visited: the station's sweep of this name, and by when.
    pub fn today_sweep(self, name: &str, due: Option<&DueView>, today: &str) -> String {
        let by = due.map(|due| self.plain_day(&due.on, today)).unwrap_or_default();
        self.pick(format!("{name} · {by}前走到"), format!("{name} · to be visited by {by}"))
    }

    /// More rows than are shown.
    pub fn today_cut(self, shown: usize, total: u64) -> String {
        self.pick(
            format!("一共 {total} 条，先显示最急的 {shown} 条。办掉一些，或用上面的筛选。"),
            format!("{total} in all; the {shown} most urgent are shown. Do some of them, or narrow the list above."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    /// Every kind of row; the matches above keep the sentences complete, this keeps the test so.
    const TODAY_KINDS: [TodayKind; 25] = [
        TodayKind::PermitChange,
        TodayKind::PermitEnd,
        TodayKind::EmptyHome,
        TodayKind::MergedStay,
        TodayKind::Sweep,
        TodayKind::HomeDue,
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
        TodayKind::ChangePending,
        TodayKind::Contradicted,
        TodayKind::Appointment,
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
            let next = NextVisit { on: "2026-11-28".to_owned(), evening: false };
            assert_spoken(words, &words.today_appointment(&next, None, "2026-11-23"), "an appointment");
        }
    }
}
