//! Conflicts and refused saves.

use domain::merge::{ClashWhy, Refusal};

use super::{Words, sentences};

sentences! {
    contradictions_title = "同一天两种说法", "Two words of one day";
    contradiction_why = "同一天有人见到本人，有人说已经离开。先按后看到的算，请您定一下。", "On one day one visitor saw them and another was told they had left. The later counts for now; please decide.";
    contradiction_earlier = "先说的", "Said first";
    contradiction_later = "后说的（现在按这个算）", "Said after (counts now)";
    contradiction_keep = "按后说的算", "Let the later count";
    contradiction_slip = "点错了，去更正", "A slip: correct it";
    contradiction_end = "已经离开，办理注销", "They left: end the registration";
    attention_title = "待处理", "Needs attention";
    attention_empty = "没有要处理的", "Nothing to settle";
    attention_empty_help = "有冲突或没被接收的内容，会出现在这里。", "Conflicts and refused saves appear here.";
    attention_conflicts = "冲突", "Conflicts";
    attention_refused = "没被接收的保存", "Refused saves";
    side_mine = "我的", "Mine";
    side_stands = "现在的", "Stands now";
    side_lost = "没采用的", "Did not stand";
    side_hidden = "看不到对方的内容，那条记录不归您管", "The other value is not shown: that record is not in your scope";
    use_mine = "用我的", "Use mine";
    keep = "保留", "Keep";
    use_lost = "换成没采用的", "Put the other one back";
    keep_stands = "保留现在的", "Keep what stands";
    settled = "已处理", "Settled";
    refused_why = "原因", "Why";
    refused_values = "保存的内容", "What was saved";
    resend = "重新提交", "Send again";
    resent = "已重新提交", "Sent again";
    discard = "放弃", "Give up";
    discard_ask = "放弃这次保存？内容仍留在历史里。", "Give this save up? Its values stay in the history.";
    discarded = "已放弃", "Given up";
    open_record = "打开记录", "Open the record";
    nothing_is_lost = "两边的内容都留着，不会丢。", "Both values are kept; nothing is lost.";
}

impl Words {
    /// Why two values are shown side by side.
    pub fn clash(self, why: ClashWhy) -> &'static str {
        let (chinese, english) = match why {
            ClashWhy::SameGroup => {
                ("两个人在没看到对方内容时改了同一处", "Two people changed the same without seeing each other")
            }
            ClashWhy::DeleteMetEdit => ("撤销的人没看到这次修改", "It was taken back by someone who had not seen this change"),
            ClashWhy::EditMetDelete => {
                ("修改的人不知道它已经被撤销", "It was changed by someone who did not know it had been taken back")
            }
            ClashWhy::NamedWhileDead => {
                ("它被撤销后又有人加了内容，已经恢复", "Something was added after it had been taken back, so it came back")
            }
            ClashWhy::CancelMetPresence => (
                "登记注销了，可是当天或以后有人见到本人在住",
                "The registration was cancelled, and the person was seen the same day or later",
            ),
            ClashWhy::TakenApart => (
                "两次登记拆开了，这里回到原来的内容；合并时带来的内容在旁边",
                "Two registrations were taken apart: this one has its own value again, and what had come with the other is beside it",
            ),
        };
        self.pick(chinese, english)
    }

    /// Why a save was refused, and what to do.
    pub fn refusal(self, why: &Refusal) -> String {
        let (chinese, english) = match why {
            Refusal::Role(_) => {
                ("您的账号不能改这一项，请找派出所办理", "Your account may not write this; ask the police station")
            }
            Refusal::Scope => {
                ("这条记录已经不归您的村管，请联系对方村", "This record is outside your villages now; call the other village")
            }
            Refusal::SetOnce(_) => {
                ("这一项只能写一次，服务器上已有别的内容", "This is written once, and the server already holds something else")
            }
            Refusal::UnknownRecord => {
                ("服务器上没有这条记录，可能已被撤销", "The server does not know this record; it may have been taken back")
            }
            Refusal::BuildsOnRefused => {
                ("前面一次保存没被接收，先处理那一次", "An earlier save was refused; settle that one first")
            }
            Refusal::WithItsSave => ("同一次保存里有别的内容没被接收", "Another part of the same save was refused"),
            Refusal::OtherKind => ("编号被别的记录用了，请重新登记", "The number belongs to another record; enter it again"),
            Refusal::Invalid(_) => ("内容不合要求，请改好再提交", "The value is not acceptable; mend it and send it again"),
            Refusal::FactIsFinal => {
                ("上门记录不能改，请重新上门记一次", "What was seen at a visit is not changed; make a new visit")
            }
        };
        self.pick(chinese, english).to_owned()
    }

    /// Who wrote a value and when.
    pub fn side_by(self, by: &str, moment: &str) -> String {
        if by.is_empty() { moment.to_owned() } else { format!("{by} · {moment}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_clash_and_refusal_is_explained() {
        let clashes = [
            ClashWhy::SameGroup,
            ClashWhy::DeleteMetEdit,
            ClashWhy::EditMetDelete,
            ClashWhy::NamedWhileDead,
            ClashWhy::CancelMetPresence,
            ClashWhy::TakenApart,
        ];
        let refusals = [
            Refusal::Role("status".to_owned()),
            Refusal::Scope,
            Refusal::SetOnce("said".to_owned()),
            Refusal::UnknownRecord,
            Refusal::BuildsOnRefused,
            Refusal::WithItsSave,
            Refusal::OtherKind,
            Refusal::Invalid("identity.name".to_owned()),
            Refusal::FactIsFinal,
        ];
        for words in BOTH {
            for why in clashes {
                assert_spoken(words, words.clash(why), &format!("{why:?}"));
            }
            for why in &refusals {
                assert_spoken(words, &words.refusal(why), &format!("{why:?}"));
            }
        }
    }
}
