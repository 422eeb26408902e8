document.getElementById('module').style.background = 'rgb(0,160,0)';
