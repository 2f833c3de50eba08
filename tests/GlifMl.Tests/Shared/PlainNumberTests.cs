using CsCheck;

namespace GlifMl.Tests.Shared;

public sealed class PlainNumberTests
{
    public static TheoryData<string> Refused =>
        [
            "",
            "0,5",
            "1,000",
            "1,000.5",
            "+5",
            " 5",
            "5 ",
            "0x10",
            "Infinity",
            "-Infinity",
            "NaN",
            "∞",
            "1e400",
            "1_000",
            "5s",
            "1e",
            "٣",
            "--5",
            "(5)",
            "5-",
            "$5",
            ".",
        ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Real_WhatIsNotOnePlainNumber_IsRefused(string text)
    {
        Assert.Null(PlainNumber.Real(text));
        Assert.Null(PlainNumber.Single(text));
        Assert.Null(PlainNumber.Whole<int>(text));
        Assert.Null(PlainNumber.Whole<ulong>(text));
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("2147483648")]
    public void Whole_WhatIsNoIntegerOfTheType_IsRefused(string text) => Assert.Null(PlainNumber.Whole<int>(text));

    [Theory]
    [InlineData("0.5", 0.5)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("-2e-3", -2e-3)]
    [InlineData("1E+3", 1000)]
    [InlineData("007", 7)]
    public void Real_OnePlainNumber_IsRead(string text, double value) => Assert.Equal(value, PlainNumber.Real(text));

    [Fact]
    public void Real_AnyFiniteDouble_ReadsBack() =>
        Gen.Double.Where(double.IsFinite).Sample(value => PlainNumber.Real(value.ToString("R")) == value);

    [Fact]
    public void Single_AnyFiniteSingle_ReadsBack() =>
        Gen.Single.Where(float.IsFinite).Sample(value => PlainNumber.Single(value.ToString("R")) == value);

    [Fact]
    public void Whole_AnyLong_ReadsBack() => Gen.Long.Sample(value => PlainNumber.Whole<long>(value.ToString()) == value);
}
