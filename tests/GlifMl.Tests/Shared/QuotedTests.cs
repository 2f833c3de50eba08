namespace GlifMl.Tests;

public sealed class QuotedTests
{
    [Theory]
    [InlineData("voltage_mV", "'voltage_mV'")]
    [InlineData("", "''")]
    [InlineData("\u001b[31mred\u001b[0m", "'\\u001b[31mred\\u001b[0m'")]
    [InlineData("\u001b]0;owned\u0007", "'\\u001b]0;owned\\u0007'")]
    [InlineData("a\tb\r\nc", "'a\\tb\\r\\nc'")]
    [InlineData("\u202eVm", "'\\u202eVm'")]
    [InlineData("I (\u00b5A)", "'I (\u00b5A)'")]
    public void Of_TextFromOutside_HoldsNothingThatATerminalObeys(string text, string expected) => Assert.Equal(expected, Quoted.Of(text));

    [Fact]
    public void Text_LongerThanAllowed_IsCut()
    {
        Assert.Equal(new string('x', 80), Quoted.Text(new string('x', 80)));
        Assert.Equal(new string('x', 77) + "...", Quoted.Text(new string('x', 6000)));
        // Cut between escapes, not within one.
        Assert.Equal(string.Concat(Enumerable.Repeat("\\u001b", 12)) + "...", Quoted.Text(new string('\u001b', 6000)));
    }
}
