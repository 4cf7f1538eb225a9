// Sends the form that this page is for; without scripts its button does the same.
document.querySelector("form[data-sends-itself]").submit();
