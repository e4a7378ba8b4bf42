//! What is said beside a field.

use domain::form::Problem;
use domain::id_document::{DocumentProblem, DocumentWarning};
use domain::region::HukouProblem;
use domain::rooms::RoomsProblem;
use domain::signature::SignatureProblem;
use domain::text::{PhoneProblem, TextProblem};

use super::Words;

impl Words {
    /// The sentence beside a field.
    pub fn problem(self, problem: &Problem) -> String {
        let (chinese, english) = match problem {
            Problem::Text(problem) => return self.text_problem(problem),
            Problem::Document(problem) => return self.document_problem(problem),
            Problem::DocumentWarning(warning) => return self.document_warning(*warning).to_owned(),
            Problem::Phone(problem) => return self.phone_problem(problem),
            Problem::Rooms(problem) => return self.rooms_problem(problem),
            Problem::Hukou(problem) => match problem {
                HukouProblem::Missing => ("请选户籍地", "Choose the household region"),
                HukouProblem::BadCode => ("户籍地要从列表里选", "Choose the household region from the list"),
                HukouProblem::InsideCounty => {
                    ("户籍就在本县，不属流动人口，不用登记", "The household is in this county: no registration is needed")
                }
                HukouProblem::Unknown => ("没有这个地区，请重新选", "There is no such region; choose again"),
            },
            Problem::Signature(problem) => match problem {
                SignatureProblem::Empty => ("请在框里签名", "Sign in the box"),
                SignatureProblem::TooLittle => {
                    ("签名太简单，一个点不能算签名，请写全名", "A dot is no signature: write the whole name")
                }
                SignatureProblem::TooMuch => ("画得太多了，请擦掉重签", "Too much was drawn: wipe it and sign again"),
                SignatureProblem::Unreadable => {
                    ("签名读不出来，请擦掉重签", "The drawing cannot be read: wipe it and sign again")
                }
            },
            Problem::Required => ("这一项要填", "This is needed"),
            Problem::NotADate => ("日期不对", "Not a date"),
            Problem::FutureDate => ("日期在今天之后，请看看对不对", "The day lies ahead: is it right?"),
            Problem::BeforeBirth => ("日期比出生还早", "Before the date of birth"),
            Problem::EndBeforeStart => ("结束比开始还早", "The end lies before the beginning"),
            Problem::IsOver => ("最后一天已经过了，请选今天或以后", "Its last day is over: choose today or later"),
            Problem::TooLongASpan => ("时间超过一年了，请看看年份对不对", "Longer than a year: is the year right?"),
            Problem::BirthDiffersFromDocument => ("出生日期和证件号码对不上", "Not the birth date in the document number"),
            Problem::SexDiffersFromDocument => {
                ("性别和证件号码对不上，请看看证件", "Not the sex in the document number: look at the document")
            }
            Problem::GuardianNeeded => {
                ("未满十六周岁，由监护人办理，请填监护人", "Under sixteen: a guardian registers the child; name the guardian")
            }
            Problem::IdentityNoteNeeded => {
                ("没有证件，请写明怎么核实的身份", "Without a document, say how the identity was checked")
            }
            Problem::PhoneOrReason => ("填电话，或者选没有电话的原因", "A phone, or the reason why there is none"),
            Problem::UnknownCode => ("请从列表里选", "Choose from the list"),
            Problem::OutOfRange => ("数字不对，请再看看", "Not a possible number"),
            Problem::AgainstAnswers => ("和点过的回答对不上", "Not possible beside what was tapped"),
            Problem::NotYourArea => ("不是您负责的村", "Not one of your villages"),
        };
        self.pick(chinese, english).to_owned()
    }

    fn text_problem(self, problem: &TextProblem) -> String {
        let (chinese, english) = match problem {
            TextProblem::Empty => ("这一项要填", "This is needed"),
            TextProblem::TooLong { max } => {
                return self.pick(format!("太长了，最多 {max} 个字"), format!("Too long: at most {max} characters"));
            }
            TextProblem::ControlCharacter => ("里面有看不见的字符，请删掉重打", "It holds invisible characters; type it again"),
            TextProblem::Emoji => ("不能用表情符号", "No emoji here"),
            TextProblem::NotAName => ("姓名只写汉字或字母", "A name is written in letters only"),
        };
        self.pick(chinese, english).to_owned()
    }

    fn phone_problem(self, problem: &PhoneProblem) -> String {
        let (chinese, english) = match problem {
            PhoneProblem::Empty => ("请填电话", "A phone is needed"),
            PhoneProblem::BadCharacters => ("电话里只能有数字", "Digits only"),
            PhoneProblem::MobileLength { got } => {
                return self.pick(
                    format!("手机号是 11 位，现在是 {got} 位"),
                    format!("A mobile number has 11 digits; this one has {got}"),
                );
            }
            PhoneProblem::NotAPhone => ("不像电话号码，请再看看", "This does not look like a phone number"),
        };
        self.pick(chinese, english).to_owned()
    }

    fn rooms_problem(self, problem: &RoomsProblem) -> String {
        match problem {
            RoomsProblem::Empty => self.pick("请填房间", "Type the rooms").to_owned(),
            RoomsProblem::TooMany { max } => {
                self.pick(format!("房间太多，最多 {max} 间"), format!("Too many: at most {max} rooms"))
            }
            RoomsProblem::BadRange { text } => {
                self.pick(format!("“{text}”写得不对，应该像 1-12"), format!("“{text}” is no range; write 1-12"))
            }
            RoomsProblem::BadRoom { text } => self.pick(format!("“{text}”不像房间号"), format!("“{text}” is no room")),
        }
    }

    /// What is wrong with a document number.
    pub fn document_problem(self, problem: &DocumentProblem) -> String {
        let (chinese, english) = match problem {
            DocumentProblem::Empty => ("请填证件号码", "Type the document number"),
            DocumentProblem::Length { got } => {
                return self.pick(format!("应是 18 位，现在是 {got} 位"), format!("18 characters are needed; there are {got}"));
            }
            DocumentProblem::BadCharacters => ("号码里有不该有的字符", "The number holds characters it cannot have"),
            DocumentProblem::Province => {
                ("开头两位不对，请对着证件再看看", "The first two digits are wrong; look at the document")
            }
            DocumentProblem::Date => ("号码里的出生日期不存在，请再看看", "The birth date in the number does not exist"),
            DocumentProblem::Future => ("号码里的出生日期在今天之后", "The birth date in the number lies ahead"),
            DocumentProblem::TooOld => ("号码里的出生日期太早，请再看看", "The birth date in the number is too long ago"),
            DocumentProblem::CheckDigit => {
                ("最后一位对不上，多半有一位输错了", "The last character does not fit: one digit is probably mistyped")
            }
            DocumentProblem::FirstGeneration => {
                ("这是停用的 15 位号码，请填新证上的 18 位", "This is an old number of 15 digits; type the 18 of the new card")
            }
            DocumentProblem::Format => ("不是这种证件的号码，请看看证件类型", "Not a number of this kind of document"),
            DocumentProblem::UseHmrp => (
                "这是港澳居民居住证，请改证件类型",
                "This is a residence card of Hong Kong or Macao: change the kind of document",
            ),
            DocumentProblem::UseTwrp => {
                ("这是台湾居民居住证，请改证件类型", "This is a residence card of Taiwan: change the kind of document")
            }
            DocumentProblem::UseFpr => (
                "这是外国人永久居留证，请改证件类型",
                "This is a foreigner's permanent residence card: change the kind of document",
            ),
            DocumentProblem::NoteNeeded => {
                ("没有证件，请写明怎么核实的身份", "Without a document, say how the identity was checked")
            }
            DocumentProblem::TooLong => ("号码太长了", "The number is too long"),
        };
        self.pick(chinese, english).to_owned()
    }

    /// What is unusual about a number that is accepted.
    pub fn document_warning(self, warning: DocumentWarning) -> &'static str {
        let (chinese, english) = match warning {
            DocumentWarning::UnknownRegion => {
                ("号码开头的地区不在名录里，请对着证件再看看", "The region in the number is in no list; look at the document")
            }
            DocumentWarning::UnusualFormat => ("号码的写法少见，请再看看", "The number has an unusual form; look again"),
            DocumentWarning::ChinesePassport => {
                ("像是中国护照，请问问有没有身份证", "This looks like a Chinese passport: ask for the ID card")
            }
        };
        self.pick(chinese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_problem_has_a_sentence_in_both_languages() {
        let mut problems = vec![
            Problem::Required,
            Problem::NotADate,
            Problem::FutureDate,
            Problem::BeforeBirth,
            Problem::EndBeforeStart,
            Problem::IsOver,
            Problem::TooLongASpan,
            Problem::BirthDiffersFromDocument,
            Problem::SexDiffersFromDocument,
            Problem::GuardianNeeded,
            Problem::IdentityNoteNeeded,
            Problem::PhoneOrReason,
            Problem::UnknownCode,
            Problem::OutOfRange,
            Problem::AgainstAnswers,
            Problem::NotYourArea,
        ];
        problems.extend(
            [
                TextProblem::Empty,
                TextProblem::TooLong { max: 50 },
                TextProblem::ControlCharacter,
                TextProblem::Emoji,
                TextProblem::NotAName,
            ]
            .map(Problem::Text),
        );
        problems.extend(
            [PhoneProblem::Empty, PhoneProblem::BadCharacters, PhoneProblem::MobileLength { got: 10 }, PhoneProblem::NotAPhone]
                .map(Problem::Phone),
        );
        problems.extend(
            [
                RoomsProblem::Empty,
                RoomsProblem::TooMany { max: 200 },
                RoomsProblem::BadRange { text: "9-1".to_owned() },
                RoomsProblem::BadRoom { text: "#".to_owned() },
            ]
            .map(Problem::Rooms),
        );
        problems.extend(
            [HukouProblem::Missing, HukouProblem::BadCode, HukouProblem::InsideCounty, HukouProblem::Unknown].map(Problem::Hukou),
        );
        problems.extend(
            [
                DocumentProblem::Empty,
                DocumentProblem::Length { got: 17 },
                DocumentProblem::BadCharacters,
                DocumentProblem::Province,
                DocumentProblem::Date,
                DocumentProblem::Future,
                DocumentProblem::TooOld,
                DocumentProblem::CheckDigit,
                DocumentProblem::FirstGeneration,
                DocumentProblem::Format,
                DocumentProblem::UseHmrp,
                DocumentProblem::UseTwrp,
                DocumentProblem::UseFpr,
                DocumentProblem::NoteNeeded,
                DocumentProblem::TooLong,
            ]
            .map(Problem::Document),
        );
        for words in BOTH {
            for problem in &problems {
                assert_spoken(words, &words.problem(problem), &format!("{problem:?}"));
            }
            for warning in [DocumentWarning::UnknownRegion, DocumentWarning::UnusualFormat, DocumentWarning::ChinesePassport] {
                assert_spoken(words, words.document_warning(warning), &format!("{warning:?}"));
            }
        }
    }
}
