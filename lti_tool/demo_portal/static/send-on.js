// Submits the one form of this page; without scripts its button does the same.
document.forms[0].submit();
