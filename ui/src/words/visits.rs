//! Visits: the roster at the door, what came of it, and who may have left.

use domain::access::Role;
use domain::codes::VisitPersonResult;
use domain::presence::{Doubt, Presence};
use domain::visit::NextVisit;
use ui_protocol::visits::{FollowUp, VisitRow};

use super::{Words, sentences};

sentences! {
    visit_title = "走访", "Visit";
    visit_start = "开始走访", "Start a visit";
    visit_go_on = "接着走访", "Go on with the visit";
    visit_go_on_short = "接着做", "Go on";
    half_done_title = "没做完的", "Left half done";
    half_done_check = "安全检查", "Safety check";
    half_done_letter = "责任书", "Letter of responsibility";
    half_done_permit = "居住证申领", "Permit application";
    visit_open_title = "没走完的走访", "Visits to go on with";
    visit_home_gone = "这处房屋已经不在本机", "This home is not on this phone any more";
    visit_home_gone_help = "走访当中，它归别的村了，不能再点。已经记下的照样可以完成：交上去以后，接手的人看得到。", "Another village took it over in the middle of the visit, so nothing more can be tapped. What was noted can still be finished: whoever took the home over will see it.";
    visit_taken_back = "这处房屋刚被当作登记错撤销了。您看到的照样可以存，站里会来核对。", "This home was just taken back as a mistake. What you saw can still be saved, and people will be asked.";
    visit_closed = "这处房屋已经注销。您看到的照样可以存。", "This home is closed. What you saw can still be saved.";
    visit_empty = "这里没有登记的住户", "Nobody is registered here";
    visit_empty_help = "有人住就添加住户；没人住就选结果。", "Add whoever lives here, or choose a result.";
    visit_all_here = "其余都在", "All the others live here";
    visit_change_answer = "改", "Change";
    visit_undo = "撤销上一步", "Undo the last tap";
    visit_just_registered = "刚登记", "Just registered";
    visit_no_longer_here = "已在别处办理搬走或离开", "Moved or cancelled elsewhere meanwhile";
    visit_name_gone = "已不在本机的人", "Somebody not on this phone any more";
    visit_done = "走访完成", "Finish the visit";
    visit_not_done = "没见到人…", "Nobody met…";
    visit_unanswered_ask = "还有人没核对，先完成吗？", "Some were not asked about. Finish all the same?";
    visit_unanswered_help = "没点的人不会记成离开，下次再问。", "Who was not tapped is not taken to have left; ask next time.";
    visit_result = "这次的结果", "How it ended";
    visit_next = "什么时候再来", "When to come again";
    visit_note = "门上的情况（选填）", "About the door (optional)";
    visit_note_was = "门上的情况", "About the door";
    visit_note_hint = "只写门和房子，不写人", "Only the door and the home; nothing about people";
    visit_against = "已经点了有人在住，不能选这个结果。先改上面的回答。", "Somebody was tapped as living here, so this result cannot be. Change the answer first.";
    visit_give_up = "放弃这次走访", "Give this visit up";
    visit_give_up_ask = "放弃这次走访？已点的回答不会保存。", "Give this visit up? What was tapped is not saved.";
    visit_given_up = "已放弃", "Given up";
    visit_back_to = "回到走访", "Back to the visit";
    visit_saved_for_others = "已保存，交上去以后接手的人看得到", "Saved; once it is sent, whoever took the home over will see it";
    visit_saved = "已保存，有网自动上传", "Saved; sent when there is a connection";
    visit_finished = "走访记录", "A finished visit";
    visit_follow_up = "接着要办的", "What to do now";
    visit_people = "核对了的人", "Who was asked about";
    visit_nobody = "没有核对到人", "Nobody was asked about";
    visit_correct = "点错了，改", "Wrong: correct it";
    visit_corrected = "更正过", "Corrected";
    visit_correct_done = "已更正，原来的记录仍然保留", "Corrected; the earlier answer is kept";
    visit_next_door = "下一家", "Next door";
    visit_to_home = "回到房屋", "To the home";
    visit_clock = "这次走访时手机时间往回拨过，时间仅供参考", "The phone's clock went back during this visit: its times are not to be relied on";
    visit_notice_shown = "已出示告知书", "The notice was shown";
    visit_show_notice = "出示告知书", "Show the notice";
    visits_title = "走访记录", "Visits";
    visits_none = "还没有走访过", "No visit yet";
    visit_by = "走访人", "Who";
    visit_at = "时间", "When";

    leave_note_title = "留言条", "A note for the door";
    leave_note_make = "打印留言条", "Print a note for the door";
    leave_note_heading = "来访留言", "We were here";
    leave_note_intro = "您好！我们今天上门走访，没有遇到人。这是居住登记的日常走访，不收任何费用。", "Hello. We came by today for a routine visit about residence registration and met nobody. Nothing is to be paid.";
    leave_note_please = "请准备好本人身份证件。也可以到村社区服务站办理，带上身份证件就行。", "Please have your identity document ready. You can also come to the village service point with it.";
    leave_note_station = "村社区流动人口服务站", "Village service point for residents";
    leave_note_no_names = "留言条上不写任何人的名字", "Nobody's name stands on it";
    leave_note_on = "来访日期", "We came on";
    leave_note_next = "打算再来", "We mean to come again";

    presence_suspected = "疑似离开", "May have left";
    presence_help = "是否离开由您核实后决定：再走访一次，或者办理注销。", "Whether they left is for you to find out: visit again, or end the registration.";
    presence_visit_again = "再走访一次", "Visit again";
    presence_contradicted = "同一天有人见到、有人说已离开，按后看到的算，两边都留着", "On one day one visitor saw them and another was told they had left: the later counts, both are kept";
    presence_pending = "待变更", "Change to write down";
    presence_pending_help = "走访时看到的还没改进登记。改好了，这一条自己就没有了；其实没变，就到那次走访里更正。", "What a visit found is not in the register yet. Written down, this goes by itself; where nothing changed after all, correct the answer of that visit.";
    presence_pending_visit = "看那次走访", "Look at that visit";
    contradiction_decide = "到冲突里定一下", "Decide under conflicts";
    presence_seen_title = "上门看到的", "What visits saw";
}

impl Words {
    /// Who was at a door. Of a phone whose person's name is not known here only the role is said.
    pub fn visitor(self, by: &str) -> String {
        match by.parse::<u32>() {
            Ok(device) if device > 0 => self.role(Role::Coordinator).to_owned(),
            _ => self.who(by),
        }
    }

    /// How far a roster is.
    pub fn visit_progress(self, checked: usize, people: usize) -> String {
        self.pick(format!("{people} 人中 {checked} 人已核对"), format!("{checked} of {people} asked about"))
    }

    /// How far a visit that was left is.
    pub fn visit_left_at(self, answered: u64, people: u64, moment: &str) -> String {
        self.pick(
            format!("{moment} 开始 · 已核对 {answered} 人，登记 {people} 人"),
            format!("since {moment} · {answered} asked about, {people} registered"),
        )
    }

    /// When something was last typed into a form that was left.
    pub fn half_done_since(self, moment: &str) -> String {
        self.pick(format!("{moment} 填到一半"), format!("left half done {moment}"))
    }

    /// A version of the notice as people say it.
    pub fn notice_named(self, version: &str) -> String {
        match version.strip_prefix("notice-").and_then(|number| number.parse::<u32>().ok()) {
            Some(number) => self.pick(format!("告知书第 {number} 版"), format!("Notice, version {number}")),
            None => version.to_owned(),
        }
    }

    /// When somebody comes again.
    pub fn next_visit(self, next: &NextVisit, today: &str) -> String {
        let day = self.day_near(&next.on, today);
        if next.evening { self.pick(format!("{day} 晚上"), format!("{day}, evening")) } else { day }
    }

    /// What was found, in numbers: 在住 3 · 未见 1.
    pub fn visit_counts(self, row: &VisitRow) -> String {
        let said = row.counts.iter().map(|(result, count)| format!("{} {count}", self.label(*result)));
        said.collect::<Vec<_>>().join(" · ")
    }

    /// Why somebody may have left.
    pub fn doubt(self, doubt: &Doubt, today: &str) -> String {
        match doubt {
            Doubt::SaidGone { result, observed_unix_ms } => {
                let (what, when) = (self.label(*result), self.moment(*observed_unix_ms, today));
                self.pick(format!("{when} 走访：{what}"), format!("Visit of {when}: {what}"))
            }
            Doubt::NotMet { times, observed_unix_ms } => {
                let when = self.moment(*observed_unix_ms, today);
                self.pick(format!("连续 {times} 次没见到，最近 {when}"), format!("Not met {times} times in a row, last {when}"))
            }
            Doubt::ReportedOut { on, .. } => {
                let day = self.day(on, today);
                self.pick(format!("房东报送 {day} 搬走，还没核实"), format!("The landlord reported a move-out on {day}"))
            }
            Doubt::StayOver { until } => {
                let day = self.day(until, today);
                self.pick(format!("拟住到 {day}，已过期"), format!("Meant to stay until {day}, which is over"))
            }
        }
    }

    /// What a visit found that the register does not say yet.
    pub fn pending_change(self, result: VisitPersonResult, observed_unix_ms: i64, today: &str) -> String {
        let (what, when) = (self.label(result), self.moment(observed_unix_ms, today));
        self.pick(format!("{when} 走访：{what}，还没改登记"), format!("Visit of {when}: {what}; not written down yet"))
    }

    /// The first reason in a few words, from the code a list carries.
    pub fn doubt_in_short(self, code: &str) -> &'static str {
        match code {
            "said_gone" => self.pick("走访时说已离开", "said to be gone"),
            "not_met" => self.pick("连续没见到", "not met in a row"),
            "reported_out" => self.pick("房东报搬走", "reported out"),
            "stay_over" => self.pick("拟住已到期", "the stay is over"),
            _ => "",
        }
    }

    /// All reasons of somebody, for a listener and a row.
    pub fn doubts(self, presence: &Presence, today: &str) -> String {
        presence.doubts.iter().map(|doubt| self.doubt(doubt, today)).collect::<Vec<_>>().join(self.pick("；", "; "))
    }

    /// What an answer asks for.
    pub fn follow_up(self, next: FollowUp, result: VisitPersonResult) -> &'static str {
        match (next, result) {
            (FollowUp::Change, _) => self.pick("修改登记信息", "Change the details"),
            (FollowUp::Move, VisitPersonResult::MovedInBuilding) => self.pick("办理换房", "Move to another room"),
            (FollowUp::Move, _) => self.pick("办理迁移", "Move to another home"),
            (FollowUp::End, _) => self.pick("办理注销", "End the registration"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn doubts_versions_and_slots_are_said() {
        let today = "2026-11-23";
        let report = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("an id");
        let doubts = [
            Doubt::SaidGone { result: VisitPersonResult::Left, observed_unix_ms: 1_795_428_240_000 },
            Doubt::NotMet { times: 2, observed_unix_ms: 1_795_428_240_000 },
            Doubt::ReportedOut { report, on: "2026-11-20".into() },
            Doubt::StayOver { until: "2026-11-10".into() },
        ];
        for words in BOTH {
            for doubt in &doubts {
                assert_spoken(words, &words.doubt(doubt, today), "a doubt");
                let code = serde_json::to_value(doubt).expect("JSON")["why"].as_str().expect("a code").to_owned();
                assert_spoken(words, words.doubt_in_short(&code), &code);
            }
            let found = words.pending_change(VisitPersonResult::HereChanged, 1_795_428_240_000, today);
            assert_spoken(words, &found, "a change to write down");
            assert_spoken(words, &words.notice_named("notice-1"), "a notice");
            assert_spoken(words, &words.half_done_since("18:04"), "a form that was left");
            assert_spoken(words, &words.visit_progress(3, 5), "progress");
            assert_spoken(words, &words.visit_left_at(3, 5, "18:04"), "an open visit");
            for evening in [true, false] {
                assert_spoken(words, &words.next_visit(&NextVisit { on: "2026-11-24".into(), evening }, today), "a slot");
            }
            for result in VisitPersonResult::ALL {
                for next in [FollowUp::Change, FollowUp::Move, FollowUp::End] {
                    assert_spoken(words, words.follow_up(next, *result), "a follow-up");
                }
            }
        }
        assert_eq!(BOTH[0].notice_named("notice-1"), "告知书第 1 版");
        assert_eq!(BOTH[0].notice_named("2026-b"), "2026-b", "what is no number is shown as it came");
    }
}
